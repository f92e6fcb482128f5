import { describe, expect, it } from '@jest/globals'
import type { Judge } from '../../src/rollout/ports/judge.js'
import type { MetricSource } from '../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import { MemoryMetrics, MemoryMetricsWithPast } from '../memory/memory-metrics.js'
import { MemoryPlatform } from '../memory/memory-platform.js'
import { POLICY, Stage } from '../memory/memory-scene.js'
import { at, ledgerOf, stageWith, step } from '../memory/played-steps.js'
import { plainJudge } from '../memory/plain-judge.js'

const silent: MetricSource = {
  name: 'silent',
  lagMs: 0,
  counts: async () => ({ kind: 'no-data', why: 'the source is down' }),
}
const withAnalysis = (change: Partial<NonNullable<typeof POLICY.analysis>>) => ({
  ...POLICY,
  analysis: POLICY.analysis === undefined ? undefined : { ...POLICY.analysis, ...change },
})

/** A judge that notes by what it was asked to judge. */
function noting(asked: Parameters<Judge>[0][]): Judge {
  return (parameters) => {
    asked.push(parameters)
    return plainJudge(parameters)
  }
}

describe('while a weight is held', () => {
  it('a candidate that dies fails the step at once, although nothing counts its requests', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { diesAfterMs: 30_000 })
    await stage.conductor({ metrics: undefined }).deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor({ metrics: undefined }).shift(step(25, 600_000))
    expect(outcome.problem?.message).toMatch(
      /only 0 of 2 replicas of the candidate have been ready for 1\d s/,
    )
    expect(stage.clock.monotonicMs() - began).toBeLessThan(60_000)
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it.each([
    ['only set', step(25, 0), step(25, 20_000), 'held'],
    ['held for less', step(25, 20_000), step(25, 40_000), 'held'],
    ['held without a judgement', { ...step(25, 20_000), analyze: false }, step(25, 20_000), 'held'],
    ['held for as long', step(25, 20_000), step(25, 20_000), '25 % was held for 20s and passed already'],
    ['set', step(25, 0), step(25, 0), '25 % was set already'],
  ])('a weight that was %s before is held only where more is asked for', async (_, before, after, answer) => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    await stage.conductor().shift(before)
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor().shift(after)
    const heldMs = stage.clock.monotonicMs() - began
    if (answer === 'held') expect(heldMs).toBeGreaterThanOrEqual(after.holdMs)
    else expect(outcome).toMatchObject({ result: 'unchanged', sentence: answer })
  })

  it('a candidate whose health may not be read is not held: the step says so and stops', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    class Blind extends MemoryPlatform {
      override async *watch(): AsyncGenerator<never> {
        throw new TransientError('503')
      }
    }
    const outcome = await stage.conductor({ platform: new Blind(stage.world) }).shift(step(25, 600_000))
    expect(outcome.problem?.message).toContain('nothing has been heard of the candidate’s health for 2m')
    expect(outcome.position).toBe('blue (v1) 75 %, green (v2) 25 %')
    expect((await stage.conductor().finishJob('failure')).result).toBe('rolled-back')
  })

  it('the first look that finds harm ends the hold: it is not waited for to be over', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.3 })
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor().shift(step(25, 600_000))
    expect(outcome.problem?.message).toBe('more errors than stable')
    expect(stage.clock.monotonicMs() - began).toBeLessThan(15_000)
  })

  it('evidence that does not suffice extends the hold, saying why, and passes as soon as it does', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const late: MetricSource = {
      ...silent,
      counts: (...asked) =>
        stage.clock.monotonicMs() - began < 25_000
          ? silent.counts(...asked)
          : new MemoryMetrics(stage.world).counts(...asked),
    }
    const outcome = await stage.conductor({ metrics: late }).shift(step(25, 20_000))
    expect(outcome.result).toBe('succeeded')
    const took = stage.clock.monotonicMs() - began
    expect(took).toBeGreaterThan(25_000)
    expect(took).toBeLessThan(40_000)
    expect(stage.narrator.lines).toContainEqual(
      expect.stringMatching(/^The hold is extended to at most 1m: no data \(.*the source is down\)$/),
    )
    expect(outcome.rollout?.timeline.at(-1)?.what).toMatch(/^held at 25 %, extended to (2[5-9]|3\d|40)s$/)
  })

  it('an extended hold tells how long it may still take, not how long it should have taken', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    await stage.conductor({ metrics: silent }).shift(step(25, 20_000))
    expect(stage.narrator.lines.filter((line) => line.includes('to prove itself'))).toEqual([
      'waiting for 25 % to prove itself: health, errors, latency-p95, at most 20 s',
      'waiting for 25 % to prove itself: health, errors, latency-p95, at most 40 s',
    ])
  })

  it('evidence that never suffices lets it go on only where that was asked for, with a warning', async () => {
    const stage = await stageWith('v1')
    const policy = withAnalysis({ onInconclusive: 'continue' })
    const outcome = await at(stage, 'v2', 25, { policy, metrics: silent })
    expect(outcome).toMatchObject({ result: 'succeeded', weight: 25, verdict: 'inconclusive' })
    expect(stage.narrator.lines).toContainEqual(
      expect.stringContaining('warning: Going on although the evidence does not suffice'),
    )
  })

  it('a source that breaks is no data, not an error of the step', async () => {
    const stage = await stageWith('v1')
    const breaking: MetricSource = {
      ...silent,
      counts: async () => {
        throw new TransientError('502 from the metric source')
      },
    }
    const outcome = await at(stage, 'v2', 5, { metrics: breaking })
    expect(outcome.problem?.message).toContain('502 from the metric source')
    expect(outcome.report?.judgement.verdict).toBe('inconclusive')
  })

  it('a source whose clock does not answer is no data either, and counts again when it does', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const metrics = new MemoryMetrics(stage.world)
    const clockless: MetricSource = {
      name: 'clockless',
      lagMs: 0,
      counts: (...asked) => metrics.counts(...asked),
      now: async () => {
        if (stage.clock.monotonicMs() - began < 6_000) throw new TransientError('its clock: 503')
        return stage.clock.wallTime()
      },
    }
    const outcome = await stage.conductor({ metrics: clockless }).shift(step(25, 20_000))
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
  })

  it('all of the hold is counted, its first moments too', async () => {
    const stage = await stageWith('v1')
    const outcome = await at(stage, 'v2', 25)
    const blocks = outcome.report?.blocks ?? []
    expect((blocks.at(-1)?.toMs ?? 0) - (blocks[0]?.fromMs ?? 0)).toBe(10_000)
  })

  it('the evidence of earlier steps is judged along, and kept with the rollout', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const before = ledgerOf(stage).rollout?.blocks ?? []
    expect(before.length).toBeGreaterThan(0)
    const outcome = await stage.conductor().shift(step(25))
    expect(outcome.report?.blocks.slice(0, before.length)).toEqual(before)
    expect(ledgerOf(stage).rollout?.blocks.map(({ weight }) => weight)).toEqual([
      ...before.map(() => 5),
      ...Array<number>(5).fill(25),
    ])
  })

  const rules = [
    { name: 'errors', kind: 'share', tolerateRatio: 1.25, limit: 0.05 },
    { name: 'latency-p95', kind: 'latency', percentile: 95, tolerateRatio: 1.1 },
  ] as const
  const limited = withAnalysis({ parameters: { rules, minSamples: 100 } })

  it('at 100 % every rule is judged by what earlier steps saw of stable, which is asked for no more', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    const asked: Parameters<Judge>[0][] = []
    const outcome = await stage.conductor({ policy: limited, judge: noting(asked) }).shift(step(100, 10_000))
    expect(outcome.result).toBe('succeeded')
    expect(asked.map((parameters) => parameters.rules)).toEqual([rules])
    const last = outcome.report?.blocks.at(-1)
    expect([last?.weight, last?.metrics['errors']?.stable]).toEqual([100, undefined])
    expect(outcome.report?.blocks[0]).toMatchObject({ weight: 50, metrics: { errors: { stable: {} } } })
  })

  it.each([
    [0.03, 'succeeded'],
    [0.05, 'failed'],
  ])(
    'at 100 % at once, as blue-green goes, every rule is judged by what stable did before: %d of errors after 0.02 has %s',
    async (errorShare, result) => {
      const stage = await stageWith('v1')
      stage.clock.advance(3_600_000)
      stage.world.behave('v1', { errorShare: 0.02 })
      stage.world.behave('v2', { errorShare })
      const asked: Parameters<Judge>[0][] = []
      const metrics = new MemoryMetricsWithPast(stage.world)
      const outcome = await at(stage, 'v2', 100, { policy: limited, judge: noting(asked), metrics })
      expect(outcome.result).toBe(result)
      expect(asked.map((parameters) => parameters.rules)).toEqual([rules])
      expect(stage.serving()).toEqual({ [result === 'failed' ? 'v1' : 'v2']: 100 })
    },
  )

  it('at 100 % at once without a record of stable only absolute limits are judged', async () => {
    const stage = await stageWith('v1')
    const asked: Parameters<Judge>[0][] = []
    const outcome = await at(stage, 'v2', 100, { policy: limited, judge: noting(asked) })
    expect(outcome.result).toBe('succeeded')
    expect(asked.map((parameters) => parameters.rules)).toEqual([[rules[0]]])
    expect(Object.keys(outcome.report?.blocks.at(-1)?.metrics ?? {})).toEqual(['errors'])
  })

  it('at 100 % at once with neither record nor limits the health alone decides', async () => {
    const stage = await stageWith('v1')
    const outcome = await at(stage, 'v2', 100, { metrics: silent })
    expect(outcome).toMatchObject({ result: 'succeeded', stableVersion: 'v2' })
    expect(stage.narrator.lines).toContainEqual(
      expect.stringContaining('100 % to prove itself: its health is watched'),
    )
  })

  it('at 100 % at once it is no pass that stable’s past cannot be told: it is asked for until it is known', async () => {
    const stage = await stageWith('v1')
    stage.clock.advance(3_600_000)
    const past = new MemoryMetricsWithPast(stage.world)
    const began = stage.clock.monotonicMs()
    let upAfterMs = Infinity
    const metrics: MetricSource = {
      name: 'archive',
      lagMs: 0,
      counts: (...asked) => past.counts(...asked),
      history: async (...asked) => {
        if (stage.clock.monotonicMs() - began < upAfterMs) throw new TransientError('503')
        return past.history(...asked)
      },
    }
    const refused = await at(stage, 'v2', 100, { metrics })
    expect(refused.problem?.message).toBe('no data (what stable did before: errors, latency-p95: 503)')
    expect(stage.serving()).toEqual({ v1: 100 })
    const said = stage.narrator.lines.filter((line) => line.startsWith('What stable did'))
    expect(said).toEqual(['What stable did before the rollout is not known: errors, latency-p95: 503'])
    await stage.conductor().rollback({ jobStatus: 'failure' })
    upAfterMs = stage.clock.monotonicMs() - began + 15_000
    const outcome = await at(stage, 'v3', 100, { metrics })
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    expect(outcome.report?.blocks[0]?.weight).toBe(0)
  })

  it.each(['back', 'hold', 'report'] as const)(
    'at 100 %% a candidate that dies is not made stable, also with on-fail: %s',
    async (onFail) => {
      const stage = await stageWith('v1')
      await at(stage, 'v2', 50)
      stage.world.behave('v2', { diesAfterMs: 30_000 })
      const policy = { ...POLICY, onFail }
      const outcome = await stage.conductor({ policy }).shift(step(100, 600_000))
      expect(outcome.problem?.message).toMatch(/0 of 2 replicas/)
      expect(outcome.stableVersion).toBe('v1')
      expect(stage.serving()).toEqual(onFail === 'back' ? { v1: 100 } : { v2: 100 })
      expect((await stage.conductor({ policy }).finishJob('failure')).result).toBe(
        onFail === 'hold' ? 'held' : 'rolled-back',
      )
    },
  )

  it('at 100 % a candidate that is ready again after a failure that was only reported is made stable', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    const policy = { ...POLICY, onFail: 'report' as const }
    const dead = stage.clock.monotonicMs() + 5_000
    class Flickering extends MemoryPlatform {
      override async observe() {
        const seen = await super.observe()
        const now = stage.clock.monotonicMs()
        if (now < dead || now > dead + 9_000 || seen.green === undefined) return seen
        return { ...seen, green: { ...seen.green, ready: 0 } }
      }
    }
    const change = { policy, platform: new Flickering(stage.world) }
    const outcome = await stage.conductor(change).shift(step(100, 6_000))
    expect(outcome).toMatchObject({ result: 'succeeded', stableVersion: 'v2' })
    expect(stage.clock.monotonicMs()).toBeGreaterThan(dead + 9_000)
  })

  it('at 100 % nothing is compared minute by minute, and no score is asked for: there is nothing beside it', async () => {
    const stage = new Stage()
    const asked: Parameters<Judge>[0][] = []
    const rules = [
      { name: 'errors', kind: 'share', limit: 0.05 },
      { name: 'latency-p95', kind: 'latency', method: 'mann-whitney' },
    ] as const
    const policy = withAnalysis({ parameters: { rules, minSamples: 100, score: { marginal: 75, pass: 95 } } })
    await stage.conductor().deploy({ version: 'v1' })
    const outcome = await stage.conductor({ policy, judge: noting(asked) }).shift(step(100, 10_000))
    expect(outcome.result).toBe('succeeded')
    expect(asked).toEqual([{ rules: [rules[0]], minSamples: 100 }])
  })

  it('the first release ever is held at 100 % with limits alone', async () => {
    const stage = new Stage()
    await stage.conductor().deploy({ version: 'v1' })
    const outcome = await stage.conductor().shift(step(100, 10_000))
    expect(outcome).toMatchObject({ result: 'succeeded', stableVersion: 'v1' })
  })
})

describe('analyze', () => {
  it('judges at the weight that stands, for the time that was asked for', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor().analyze({ forMs: 30_000, intervalMs: 5_000 })
    expect(outcome).toMatchObject({
      result: 'succeeded',
      weight: 25,
      report: { judgement: { verdict: 'pass' } },
    })
    expect(stage.clock.monotonicMs() - began).toBeCloseTo(30_000, -3)
  })

  it('needs requests to judge, and says what to run before it', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const { problem } = await stage.conductor().analyze({ forMs: 30_000 })
    expect(problem).toMatchObject({
      message: 'the candidate has no requests yet (weight 0 %): there is nothing to judge',
      hint: 'Run canary-step before analyze.',
    })
  })
})
