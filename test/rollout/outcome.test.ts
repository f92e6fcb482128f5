import { describe, expect, it } from '@jest/globals'
import { at, OTHER, stageWith } from '../memory/played-steps.js'

describe('where everything stands after a step', () => {
  it('names the rollout of another run that has traffic, and calls it nobody’s own', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const outcome = await stage.conductor({ actor: OTHER }).rollback({ jobStatus: 'failure' })
    expect(outcome).toMatchObject({
      result: 'unchanged',
      stableVersion: 'v1',
      other: { weight: 25, candidate: { release: { version: 'v2' } } },
    })
    expect(outcome.rollout).toBeUndefined()
  })

  it('names no other rollout to the run whose own it is', async () => {
    const stage = await stageWith('v1')
    const outcome = await at(stage, 'v2', 25)
    expect(outcome.other).toBeUndefined()
    expect(outcome.rollout).toMatchObject({ weight: 25 })
  })

  it('knows the releases that were stable before, the latest first, and none that was taken back', async () => {
    const stage = await stageWith('v1')
    expect((await stage.conductor({ actor: OTHER }).rollback({ jobStatus: 'failure' })).earlier).toEqual([])
    await stage.live('v2')
    await at(stage, 'v3', 25)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    await stage.live('v4')
    const { earlier } = await stage.conductor({ actor: OTHER }).rollback({ jobStatus: 'failure' })
    expect(earlier).toEqual(['v2', 'v1'])
  })
})
