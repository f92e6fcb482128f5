import { describe, expect, it } from '@jest/globals'
import type { LedgerStore } from '../../src/rollout/ports/ledger-store.js'
import { requestsOf } from '../../src/rollout/evidence/figures.js'
import type { MetricSource, MetricWindow } from '../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import { MemoryMetrics } from '../memory/memory-metrics.js'
import { POLICY, type Stage } from '../memory/memory-scene.js'
import { easilyConvinced, plainJudge } from '../memory/plain-judge.js'
import { at, ledgerOf, stageWith, step } from '../memory/played-steps.js'

const withAnalysis = (change: Partial<NonNullable<typeof POLICY.analysis>>) => ({
  ...POLICY,
  analysis: POLICY.analysis === undefined ? undefined : { ...POLICY.analysis, ...change },
})

/** The metrics of a stage, of which a part is replaced. */
function metricsOf(stage: Stage, change: Partial<MetricSource>): MetricSource {
  const metrics = new MemoryMetrics(stage.world)
  return { name: 'prometheus', lagMs: 0, counts: (...asked) => metrics.counts(...asked), ...change }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}

/** A source that knows errors and not latencies. */
function halfBlind(stage: Stage): MetricSource {
  const whole = new MemoryMetrics(stage.world)
  return metricsOf(stage, {
    counts: async (query, ...asked) => {
      if (query.name === 'errors') return whole.counts(query, ...asked)
      throw new TransientError('unknown metric')
    },
  })
}

describe('a metric of which nothing is told', () => {
  it('keeps the hold from passing, while the others are counted on', async () => {
    const stage = await stageWith('v1')
    const outcome = await at(stage, 'v2', 25, { metrics: halfBlind(stage) })
    expect(outcome.problem?.message).toBe('no data (latency-p95: unknown metric)')
    expect(outcome.report?.judgement.verdict).toBe('inconclusive')
    const kept = ledgerOf(stage).rollout?.blocks ?? []
    expect(kept.length).toBeGreaterThan(5)
    expect(kept.map(({ metrics }) => Object.keys(metrics))).toEqual(kept.map(() => ['errors']))
  })

  it('is in the report in that its hold is not over: judged again it does not pass either', async () => {
    const stage = await stageWith('v1')
    const { report } = await at(stage, 'v2', 25, { metrics: halfBlind(stage) })
    if (report === undefined) throw new Error('nothing was judged')
    const bake = plainJudge(report.parameters)
    for (const block of report.blocks) bake.add(block)
    expect(bake.judgement(report.parameters.holdOver).verdict).toBe('inconclusive')
    expect(bake.judgement(true).verdict).toBe('pass')
  })

  it('is asked for what it did not tell, so that its windows leave nothing out and nothing is counted twice', async () => {
    const stage = await stageWith('v1')
    const whole = new MemoryMetrics(stage.world)
    const windows: MetricWindow[] = []
    const metrics = metricsOf(stage, {
      counts: async (query, by, window) => {
        if (query.name === 'errors') return whole.counts(query, by, window)
        if (windows.length > 2 && windows.length < 6) {
          windows.push({ ...window, toMs: NaN })
          throw new TransientError('502')
        }
        windows.push(window)
        return whole.counts(query, by, window)
      },
    })
    await at(stage, 'v2', 25, { metrics })
    const told = windows
      .filter(({ toMs }) => !Number.isNaN(toMs))
      .toSorted((one, other) => one.fromMs - other.fromMs)
    expect(windows.length).toBe(told.length + 3)
    expect(told.slice(1).map(({ fromMs }) => fromMs)).toEqual(told.slice(0, -1).map(({ toMs }) => toMs))
    const counted = (ledgerOf(stage).rollout?.blocks ?? []).map(({ metrics: sides }) => ({
      errors: requestsOf(sides['errors']?.candidate),
      latency: requestsOf(sides['latency-p95']?.candidate),
    }))
    expect(sumOf(counted.map(({ latency }) => latency))).toBe(sumOf(counted.map(({ errors }) => errors)))
  })

  it('does not keep harm in another from being seen', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.3 })
    const outcome = await at(stage, 'v2', 25, { metrics: halfBlind(stage) })
    expect(outcome.problem?.message).toBe('more errors than stable')
  })

  it('is no early proof either: what was not told might have been harm', async () => {
    const stage = await stageWith('v1')
    const policy = withAnalysis({ earlyPass: true })
    const change = { metrics: halfBlind(stage), judge: easilyConvinced(2), policy }
    const outcome = await at(stage, 'v2', 25, change)
    expect(outcome).toMatchObject({
      result: 'failed',
      report: { judgement: { verdict: 'inconclusive' }, noData: 'latency-p95: unknown metric' },
    })
    expect(outcome.report?.judgement.early).toBeUndefined()
  })

  it('keeps nothing from passing where it is only reported', async () => {
    const stage = await stageWith('v1')
    const rules = [
      { name: 'errors', kind: 'share' },
      { name: 'latency-p95', kind: 'latency', method: 'threshold', limit: 50, threshold: { dryRun: true } },
    ] as const
    const policy = withAnalysis({ parameters: { rules, minSamples: 100 }, noDataTimeoutMs: 4_000 })
    const outcome = await at(stage, 'v2', 25, { metrics: halfBlind(stage), policy })
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
  })

  it('extends a hold that breaks off at its end, although enough had been seen', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const whole = new MemoryMetrics(stage.world)
    const metrics = metricsOf(stage, {
      counts: async (...asked) => {
        const passed = stage.clock.monotonicMs() - began
        if (passed > 15_000 && passed < 30_000) throw new TransientError('502')
        return whole.counts(...asked)
      },
    })
    const outcome = await stage.conductor({ metrics }).shift(step(25, 20_000))
    expect(outcome.result).toBe('succeeded')
    expect(stage.clock.monotonicMs() - began).toBeGreaterThanOrEqual(30_000)
    expect(stage.narrator.lines).toContain(
      'The hold is extended to at most 1m: no data (errors, latency-p95: 502)',
    )
  })
})

describe('a hold that ends before its first window is complete', () => {
  const slow = (stage: Stage): MetricSource => metricsOf(stage, { lagMs: 31_000, stepMs: 30_000 })

  it('does not pass by what earlier steps have counted: it is extended until it has counted itself', async () => {
    const stage = await stageWith('v1')
    const metrics = slow(stage)
    await stage.conductor().deploy({ version: 'v2' })
    expect((await stage.conductor({ metrics }).shift(step(25, 150_000))).result).toBe('succeeded')
    const before = ledgerOf(stage).rollout?.blocks.length ?? 0
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor({ metrics }).analyze({ forMs: 40_000 })
    expect(outcome.result).toBe('succeeded')
    expect(stage.clock.monotonicMs() - began).toBeGreaterThan(61_000)
    expect(ledgerOf(stage).rollout?.blocks.length).toBeGreaterThan(before)
    expect(stage.narrator.lines).toContain(
      'The hold is extended to at most 2m: no data (errors: nothing was counted in this hold yet, first counts come after up to 1m31s)',
    )
  })

  it('is inconclusive where even its longest time is too short, and is told so at its beginning', async () => {
    const stage = await stageWith('v1')
    const metrics = slow(stage)
    await stage.conductor().deploy({ version: 'v2' })
    await stage.conductor({ metrics }).shift(step(25, 150_000))
    stage.world.behave('v2', { errorShare: 0.5 })
    const outcome = await stage.conductor({ metrics }).analyze({ forMs: 13_000 })
    expect(outcome.problem?.message).toContain('no data (errors: nothing was counted in this hold yet')
    expect(outcome.problem?.hint).toContain('Nothing was shown against the release')
    expect(ledgerOf(stage).rollout?.timeline.at(-1)).toMatchObject({ verdict: 'inconclusive', weight: 0 })
    expect(outcome.report?.judgement.verdict).toBe('inconclusive')
    expect(stage.narrator.lines.join('\n')).toContain('Even extended to 39s the hold may end without counts')
  })
})

describe('no data for long', () => {
  it('never fails a hold before its longest time, where no time-out is configured', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const metrics = metricsOf(stage, { counts: async () => ({ kind: 'no-data', why: 'no such series' }) })
    const outcome = await stage.conductor({ metrics }).shift(step(25, 60_000))
    expect(outcome.problem?.message).toBe('no data (errors, latency-p95: no such series)')
    expect(stage.clock.monotonicMs() - began).toBeGreaterThanOrEqual(180_000)
  })

  it('is a failed check after the time-out, which names the metrics and why', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const policy = withAnalysis({ noDataTimeoutMs: 30_000 })
    const outcome = await stage.conductor({ metrics: halfBlind(stage), policy }).shift(step(25, 600_000))
    expect(outcome.problem?.message).toBe(
      'no data of the candidate for 30s (latency-p95); allowed: 30s: latency-p95: unknown metric',
    )
    expect(stage.clock.monotonicMs() - began).toBeLessThan(45_000)
    expect(stage.serving()).toEqual({ v1: 100 })
    expect(outcome.report?.judgement.verdict).toBe('inconclusive')
  })

  it('fails nothing between two windows, however short the time-out', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const metrics = metricsOf(stage, { lagMs: 60_000, stepMs: 60_000 })
    const policy = withAnalysis({ noDataTimeoutMs: 20_000 })
    expect((await stage.conductor({ metrics, policy }).shift(step(25, 600_000))).result).toBe('succeeded')
  })

  it('counts only what is uninterrupted, and requests that nobody makes are no data', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const policy = withAnalysis({ noDataTimeoutMs: 30_000 })
    const began = stage.clock.monotonicMs()
    const whole = new MemoryMetrics(stage.world)
    const quiet = { kind: 'share', requests: 0, bad: 0 } as const
    const metrics = metricsOf(stage, {
      counts: async (query, by, window) => {
        const passed = stage.clock.monotonicMs() - began
        if (passed > 100_000) return { kind: 'samples', stable: undefined, candidate: quiet }
        if (passed % 25_000 > 5_000) throw new TransientError('502')
        return whole.counts(query, by, window)
      },
    })
    const outcome = await stage.conductor({ metrics, policy }).shift(step(25, 600_000))
    expect(outcome.problem?.message).toMatch(
      /^no data of the candidate for \d+s \(errors, latency-p95\); allowed: 30s$/,
    )
    expect(stage.clock.monotonicMs() - began).toBeGreaterThan(100_000)
    expect(stage.clock.monotonicMs() - began).toBeLessThan(115_000)
  })
})

describe('a source whose clock is wrong', () => {
  const skewed = (stage: Stage, byMs: number): MetricSource =>
    metricsOf(stage, { now: async () => new Date(stage.clock.wallTime().getTime() + byMs) })

  it.each([
    [300_000, '5m ahead of'],
    [-7 * 60_000, '7m behind'],
  ])('by %i ms has no data, and one line says which clock it is', async (byMs, text) => {
    const stage = await stageWith('v1')
    const outcome = await at(stage, 'v2', 5, { metrics: skewed(stage, byMs) })
    expect(outcome.problem?.message).toBe(
      `no data (errors, latency-p95: the clock of prometheus is ${text} this runner’s; set the wrong one right)`,
    )
    expect(outcome.report?.judgement.verdict).toBe('inconclusive')
    expect(outcome.report?.blocks).toEqual([])
  })

  it('by less than that counts by its own time', async () => {
    const stage = await stageWith('v1')
    const outcome = await at(stage, 'v2', 25, { metrics: skewed(stage, 240_000) })
    expect(outcome.report?.judgement.verdict).toBe('pass')
    const ended = outcome.report?.blocks.at(-1)?.toMs ?? 0
    expect(ended - stage.clock.wallTime().getTime()).toBeGreaterThan(200_000)
  })

  it('is right where the ledger’s target agrees with it: then it is the runner’s that is wrong', async () => {
    const stage = await stageWith('v1')
    const { ledgers } = stage
    const aheadMs = 600_000
    const told: LedgerStore = {
      address: ledgers.address,
      read: async () => {
        const now = new Date(stage.clock.wallTime().getTime() + aheadMs)
        return { ...(await ledgers.read()), now }
      },
      write: (text, ifMatch) => ledgers.write(text, ifMatch),
    }
    const outcome = await at(stage, 'v2', 25, { metrics: skewed(stage, aheadMs), ledgers: told })
    expect(outcome.report?.judgement.verdict).toBe('pass')
  })
})

describe('a source that hangs', () => {
  const hanging = (stage: Stage, name: string): MetricSource => {
    const whole = new MemoryMetrics(stage.world)
    return metricsOf(stage, {
      counts: (query, ...asked) =>
        query.name === name ? new Promise(() => undefined) : whole.counts(query, ...asked),
    })
  }

  it('over one metric is waited for ten seconds, once for all metrics of a look, and then has no data', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.3 })
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor({ metrics: hanging(stage, 'latency-p95') }).shift(step(25, 600_000))
    expect(outcome.problem?.message).toBe('more errors than stable')
    expect(stage.clock.monotonicMs() - began).toBeLessThan(20_000)
    expect(outcome.report?.noData).toBe('latency-p95: prometheus did not answer within 10s')
  })

  it('is not asked again while it owes an answer, so that the others are looked at in time', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const whole = new MemoryMetrics(stage.world)
    const asked: number[] = []
    const began = stage.clock.monotonicMs()
    const metrics = metricsOf(stage, {
      counts: async (query, ...more) => {
        const passed = stage.clock.monotonicMs() - began
        if (query.name === 'errors') return whole.counts(query, ...more)
        asked.push(passed)
        if (passed < 5_000) await stage.clock.sleep(25_000)
        if (passed > 40_000) await new Promise(() => undefined)
        return whole.counts(query, ...more)
      },
    })
    const outcome = await stage.conductor({ metrics }).shift(step(25, 60_000))
    const lengths = outcome.report?.blocks.map(({ fromMs, toMs }) => toMs - fromMs) ?? []
    // Waited for at the first question, which is answered late, and once a minute for those that never are.
    expect(lengths.filter((length) => length > 3_000)).toEqual([12_000, 12_000, 12_000, 12_000])
    const silence = asked.slice(1).map((passed, i) => passed - (asked[i] ?? 0))
    expect(silence.filter((length) => length > 3_000).map((ms) => Math.round(ms / 10_000))).toEqual([3, 6, 6])
    expect(outcome.report?.noData).toMatch(/^latency-p95: prometheus (still owes|did not answer)/)
  })

  it('hides no candidate that dies, and holds up no cancelled job', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { diesAfterMs: 5_000 })
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const policy = { ...POLICY, timing: { ...POLICY.timing, unreadyMs: 1_000 } }
    const metrics = hanging(stage, 'errors')
    const sick = await stage.conductor({ metrics, policy }).shift(step(25, 600_000))
    expect(sick.problem?.message).toContain('only 0 of 2 replicas')
    expect(stage.clock.monotonicMs() - began).toBeLessThan(9_000)

    const other = await stageWith('v1')
    await other.conductor().deploy({ version: 'v2' })
    const cancelled = new AbortController()
    const start = other.clock.monotonicMs()
    void other.clock.sleep(6_000).then(() => cancelled.abort())
    const { signal } = cancelled
    const outcome = await other
      .conductor({ metrics: hanging(other, 'errors'), signal })
      .shift(step(25, 600_000))
    expect(outcome.problem?.message).toBe('the job was cancelled')
    expect(other.clock.monotonicMs() - start).toBeLessThan(9_000)
    expect(other.serving()).toEqual({ v1: 100 })
  })
})
