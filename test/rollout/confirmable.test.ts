import { describe, expect, it } from '@jest/globals'
import { MemoryRouter } from '../memory/memory-router.js'
import { POLICY, Stage } from '../memory/memory-scene.js'
import { at, stageWith, step } from '../memory/played-steps.js'

const small = { ...POLICY, plan: { ...POLICY.plan, steps: [step(0.1), step(0.5), step(25), step(100)] } }

describe('a weight that is too small to be confirmed in time', () => {
  it('is refused before anything starts, with the least one and the time that this one would take', async () => {
    const stage = await stageWith('v1')
    const { problem } = await stage.conductor({ policy: small }).deploy({ version: 'v2' })
    expect(problem).toMatchObject({
      message:
        '0.1, 0.5 % cannot be confirmed by real answers within 2m: that takes 150000 of them, and 200 a second are 24000',
      hint: 'Begin with 0.63 % or more, or set `timing.confirm-deadline: 12m30s`. Nothing was changed.',
    })
    expect(stage.world.places.has('green')).toBe(false)
  })

  it('is refused by the step that asks for it where the plan did not', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const { problem } = await stage.conductor().shift(step(0.5))
    expect(problem?.message).toContain('0.5 % cannot be confirmed')
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('is told of whole percentages where the router knows no others, and of the rate where that is low', async () => {
    const stage = await stageWith('v1')
    const router = new MemoryRouter(stage.world, 'slots', 'percent')
    const policy = { ...POLICY, confirmRate: 50, plan: { ...POLICY.plan, steps: [step(1), step(100)] } }
    const { problem } = await stage.conductor({ router, policy }).deploy({ version: 'v2' })
    expect(problem?.hint).toBe(
      'Begin with 3 % or more, or set `timing.confirm-deadline: 5m` or a higher `confirm.rate`. Nothing was changed.',
    )
  })

  it('is taken where the deadline leaves the time', async () => {
    const stage = await stageWith('v1')
    const policy = { ...small, timing: { ...POLICY.timing, confirmDeadlineMs: 750_000 } }
    expect((await at(stage, 'v2', 0.5, { policy, metrics: undefined })).result).toBe('succeeded')
    expect(stage.serving()).toEqual({ v1: 99.5, v2: 0.5 })
  })

  it('is taken where nobody is asked, and before any release is live', async () => {
    const stage = await stageWith('v1')
    const outcome = await stage.conductor({ policy: small, witness: undefined }).deploy({ version: 'v2' })
    expect(outcome.result).toBe('succeeded')
    expect((await new Stage().conductor({ policy: small }).deploy({ version: 'v1' })).result).toBe(
      'succeeded',
    )
  })
})
