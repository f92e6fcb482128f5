import { describe, expect, it } from '@jest/globals'
import { MemoryMetrics } from '../memory/memory-metrics.js'
import { POLICY } from '../memory/memory-scene.js'
import { easilyConvinced } from '../memory/plain-judge.js'
import { stageWith, step } from '../memory/played-steps.js'

const policy = (earlyPass: boolean) => ({
  ...POLICY,
  analysis: POLICY.analysis === undefined ? undefined : { ...POLICY.analysis, earlyPass },
})

describe('a candidate that is proven harmless before the hold is over', () => {
  it('is held to the end all the same: a hold is a promise of time', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor({ judge: easilyConvinced(3) }).shift(step(25, 600_000))
    expect(outcome).toMatchObject({ result: 'succeeded', weight: 25 })
    expect(stage.clock.monotonicMs() - began).toBeGreaterThanOrEqual(600_000)
  })

  it('ends the hold where the policy says so, and the step says that it did', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const outcome = await stage
      .conductor({ judge: easilyConvinced(3), policy: policy(true) })
      .shift(step(25, 600_000))
    expect(outcome.sentence).toContain('harmless after 3 blocks (early-pass: the hold of 10m ended after 6s)')
    expect(stage.clock.monotonicMs() - began).toBeLessThan(30_000)
  })

  it('is proven at each weight anew: what was counted at the one before ends no hold', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const metrics = new MemoryMetrics(stage.world)
    const lagging = {
      name: 'prometheus',
      lagMs: 31_000,
      stepMs: 15_000,
      counts: (...asked: Parameters<MemoryMetrics['counts']>) => metrics.counts(...asked),
    }
    const change = { judge: easilyConvinced(3), policy: policy(true), metrics: lagging }
    await stage.conductor(change).shift(step(25, 600_000))
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor(change).shift(step(50, 600_000))
    expect(outcome.sentence).toContain('early-pass')
    expect(stage.clock.monotonicMs() - began).toBeGreaterThan(31_000)
  })

  it('is not passed by no harm so far: only proof ends a hold early', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const judge = easilyConvinced(100_000)
    await stage.conductor({ judge, policy: policy(true) }).shift(step(25, 60_000))
    expect(stage.clock.monotonicMs() - began).toBeGreaterThanOrEqual(60_000)
  })
})
