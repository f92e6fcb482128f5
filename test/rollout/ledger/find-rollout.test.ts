import { describe, expect, it } from '@jest/globals'
import { at, OTHER, stageWith, step } from '../../memory/played-steps.js'

describe('a step that meets the rollout of another run', () => {
  it('says how to go on with that one, and how to begin one of its own', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const { problem } = await stage.conductor({ actor: OTHER }).shift(step(50))
    expect(problem?.message).toMatch(/^shop is busy: rollout of v2 by run 100 .* at 25 % since/)
    expect(problem?.hint).toMatch(
      /hand over the `state` output.*run deploy first, with `if-busy: wait` or `if-busy: supersede`/,
    )
    expect(stage.serving()).toEqual({ v1: 75, v2: 25 })
  })

  it('whose state it was handed, but which somebody else works on, is told to come again', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const { state } = await stage.conductor().deploy({ version: 'v2' })
    const third = { ...OTHER, run: '300' }
    const meanwhile: string[] = []
    await stage.conductor({ actor: third, state }).check({
      target: 'candidate',
      publicUrl: async () => undefined,
      candidateUrl: undefined,
      run: async () => {
        const { problem } = await stage.conductor({ actor: OTHER, state }).shift(step(50))
        meanwhile.push(problem?.hint ?? '')
        return { passed: true, sentence: 'passed' }
      },
    })
    expect(meanwhile).toEqual([
      expect.stringMatching(/^Another run is at work on the rollout of this `state`: run this step again/),
    ])
  })
})
