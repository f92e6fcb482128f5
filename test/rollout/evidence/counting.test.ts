import { describe, expect, it } from '@jest/globals'
import { SourcesByMetric } from '../../../src/metrics/sources-by-metric.js'
import type { Block } from '../../../src/rollout/ports/judge.js'
import type { MetricSource, MetricWindow } from '../../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { MemoryMetrics } from '../../memory/memory-metrics.js'
import { POLICY, type Stage } from '../../memory/memory-scene.js'
import { plainJudge } from '../../memory/plain-judge.js'
import { ledgerOf, stageWith, step } from '../../memory/played-steps.js'

const withAnalysis = (change: Partial<NonNullable<typeof POLICY.analysis>>) => ({
  ...POLICY,
  analysis: POLICY.analysis === undefined ? undefined : { ...POLICY.analysis, ...change },
})

/** The metrics of a stage, of which a part is replaced. */
function metricsOf(stage: Stage, change: Partial<MetricSource> = {}): MetricSource {
  const metrics = new MemoryMetrics(stage.world)
  return { name: 'prometheus', lagMs: 0, counts: (...asked) => metrics.counts(...asked), ...change }
}

/** Errors and latencies, each of a source of its own. */
function two(stage: Stage, errors: MetricSource, latency: MetricSource): MetricSource {
  const sources = [
    { source: errors, metrics: ['errors'] },
    { source: latency, metrics: ['latency-p95'] },
  ]
  return new SourcesByMetric(sources, () => stage.clock.wallTime())
}

/** The windows in which a metric was counted, oldest first. */
function windowsOf(blocks: readonly Block[], name: string): readonly MetricWindow[] {
  return blocks
    .filter(({ metrics }) => metrics[name] !== undefined)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs }))
}

/** Whether windows lie side by side, with nothing between them and nothing twice. */
function gapless(windows: readonly MetricWindow[]): boolean {
  return windows.every(({ fromMs }, index) => index === 0 || fromMs === windows[index - 1]?.toMs)
}

/** A stage whose candidate is about to be held. */
async function deployed(): Promise<{ stage: Stage; passed: () => number }> {
  const stage = await stageWith('v1')
  await stage.conductor().deploy({ version: 'v2' })
  const began = stage.clock.monotonicMs()
  return { stage, passed: () => stage.clock.monotonicMs() - began }
}

describe('a source that was away while another answered', () => {
  it('is asked again for what it missed, window by window, and nothing is lost', async () => {
    const { stage, passed } = await deployed()
    const whole = new MemoryMetrics(stage.world)
    const errors = metricsOf(stage, {
      name: 'main',
      counts: async (...asked) => {
        if (passed() > 10_000 && passed() < 40_000) throw new TransientError('main is away')
        return whole.counts(...asked)
      },
    })
    const metrics = two(stage, errors, metricsOf(stage, { name: 'stats' }))
    const outcome = await stage.conductor({ metrics }).shift(step(25, 60_000))
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    const blocks = outcome.report?.blocks ?? []
    expect(windowsOf(blocks, 'errors')).toEqual(windowsOf(blocks, 'latency-p95'))
    expect(windowsOf(blocks, 'errors').length).toBeGreaterThan(25)
    expect(gapless(windowsOf(blocks, 'errors'))).toBe(true)
    expect(outcome.report?.noData).toBeUndefined()
  })

  it('tells with its next window what it had no data of, as when scrapes fail for a while', async () => {
    const { stage, passed } = await deployed()
    const whole = new MemoryMetrics(stage.world)
    const asked: MetricWindow[] = []
    const errors = metricsOf(stage, {
      counts: async (query, by, window) => {
        if (query.name === 'errors' && passed() > 10_000 && passed() < 40_000)
          return { kind: 'no-data', why: 'no scrapes' }
        if (query.name === 'errors') asked.push(window)
        return whole.counts(query, by, window)
      },
    })
    const outcome = await stage.conductor({ metrics: errors }).shift(step(25, 60_000))
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    expect(gapless(asked)).toBe(true)
    const [first, last] = [asked[0], asked.at(-1)]
    expect(asked.length).toBeGreaterThan(10)
    expect(Math.max(...asked.map(({ fromMs, toMs }) => toMs - fromMs))).toBeGreaterThanOrEqual(30_000)
    const blocks = outcome.report?.blocks.filter(({ metrics }) => metrics['errors'] !== undefined) ?? []
    expect(blocks.at(-1)?.toMs).toBe(last?.toMs)
    expect(blocks.find(({ weight }) => weight === 25)?.fromMs).toBe(first?.fromMs)
  })

  it('shows harm that happened meanwhile, as soon as it is back', async () => {
    const { stage, passed } = await deployed()
    const whole = new MemoryMetrics(stage.world)
    const errors = metricsOf(stage, {
      name: 'main',
      counts: async (metric, by, window) => {
        const told = await whole.counts(metric, by, window)
        if (passed() > 10_000 && passed() < 40_000) throw new TransientError('main is away')
        // All that was bad happened while nobody could be asked.
        const badFromMs = stage.clock.wallTime().getTime() - passed() + 12_000
        const isBad = window.fromMs >= badFromMs && window.toMs <= badFromMs + 25_000
        if (!isBad || told.kind === 'no-data' || told.candidate?.kind !== 'share') return told
        return { ...told, candidate: { ...told.candidate, bad: told.candidate.requests } }
      },
    })
    const metrics = two(stage, errors, metricsOf(stage, { name: 'stats' }))
    const outcome = await stage.conductor({ metrics }).shift(step(25, 60_000))
    expect(outcome.problem?.message).toBe('more errors than stable')
    expect(passed()).toBeLessThan(50_000)
  })

  it('leaves a report that is judged again as it was', async () => {
    const { stage, passed } = await deployed()
    const whole = new MemoryMetrics(stage.world)
    const errors = metricsOf(stage, {
      counts: async (...asked) => {
        if (passed() % 20_000 > 12_000) throw new TransientError('502')
        return whole.counts(...asked)
      },
    })
    const metrics = two(stage, errors, metricsOf(stage, { name: 'stats' }))
    const { report } = await stage.conductor({ metrics }).shift(step(25, 60_000))
    if (report === undefined) throw new Error('nothing was judged')
    const fromMs = report.blocks.map((block) => block.fromMs)
    expect(fromMs).toEqual(fromMs.toSorted((one, other) => one - other))
    const bake = plainJudge(report.parameters)
    for (const block of report.blocks) bake.add(block)
    expect(bake.judgement(report.parameters.holdOver)).toEqual(report.judgement)
  })

  it('lets nothing pass while it owes something, and says once what can no longer be had', async () => {
    const { stage, passed } = await deployed()
    const whole = new MemoryMetrics(stage.world)
    const startMs = stage.clock.wallTime().getTime()
    const errors = metricsOf(stage, {
      counts: async (metric, by, window) => {
        const isOld = stage.clock.wallTime().getTime() - window.toMs > 5_000
        if (isOld) throw new TransientError('the samples are gone')
        if (passed() > 10_000 && passed() < 30_000) throw new TransientError('502')
        return whole.counts(metric, by, window)
      },
    })
    const metrics = two(stage, errors, metricsOf(stage, { name: 'stats' }))
    const outcome = await stage.conductor({ metrics }).shift(step(25, 60_000))
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    const blocks = outcome.report?.blocks ?? []
    expect(gapless(windowsOf(blocks, 'latency-p95'))).toBe(true)
    expect(gapless(windowsOf(blocks, 'errors'))).toBe(false)
    const lost = stage.narrator.lines.filter((line) => line.includes('missing for good'))
    expect(lost.length).toBeGreaterThan(0)
    for (const line of lost)
      expect(line).toMatch(
        /^errors: what happened between \d\d:\d\d:\d\d and \d\d:\d\d:\d\d UTC is missing for good: the samples are gone$/,
      )
    expect(new Set(lost).size).toBe(lost.length)
    expect(blocks.at(-1)?.toMs).toBeGreaterThan(startMs + 55_000)
  })
})

describe('a source that is slow to answer', () => {
  const slowly = (stage: Stage, ms: number, change: Partial<MetricSource> = {}): MetricSource => {
    const whole = new MemoryMetrics(stage.world)
    return metricsOf(stage, {
      name: 'main',
      counts: async (...asked) => {
        await stage.clock.sleep(ms)
        return whole.counts(...asked)
      },
      ...change,
    })
  }

  it('is waited for as long as it says it may take, and judged by what it tells', async () => {
    const { stage } = await deployed()
    const metrics = slowly(stage, 25_000, { answerMs: 30_000 })
    const outcome = await stage.conductor({ metrics }).shift(step(25, 120_000))
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    const blocks = outcome.report?.blocks ?? []
    expect(windowsOf(blocks, 'errors').length).toBeGreaterThan(3)
    expect(gapless(windowsOf(blocks, 'errors'))).toBe(true)
  })

  it('is given up after that, in words that name it', async () => {
    const { stage } = await deployed()
    const hanging = metricsOf(stage, {
      name: 'main (prometheus)',
      answerMs: 20_000,
      counts: () => new Promise(() => undefined),
    })
    const metrics = two(stage, hanging, metricsOf(stage, { name: 'stats' }))
    const outcome = await stage.conductor({ metrics }).shift(step(25, 30_000))
    expect(outcome.report?.noData).toMatch(
      /^errors: main \(prometheus\) (did not answer within 21s|still owes the answer)/,
    )
    expect(outcome.report?.judgement.verdict).toBe('inconclusive')
  })

  it('keeps no other from being judged: harm there ends the hold meanwhile', async () => {
    const { stage, passed } = await deployed()
    stage.world.behave('v2', { errorShare: 0.3 })
    const slow = slowly(stage, 55_000, { answerMs: 60_000 })
    const metrics = two(stage, metricsOf(stage), slow)
    const outcome = await stage.conductor({ metrics }).shift(step(25, 600_000))
    expect(outcome.problem?.message).toBe('more errors than stable')
    expect(passed()).toBeLessThan(20_000)
  })

  it('holds up no cancelled job', async () => {
    const { stage, passed } = await deployed()
    const cancelled = new AbortController()
    void stage.clock.sleep(8_000).then(() => cancelled.abort())
    const metrics = slowly(stage, 100_000, { answerMs: 120_000 })
    const { signal } = cancelled
    const outcome = await stage.conductor({ metrics, signal }).shift(step(25, 600_000))
    expect(outcome.problem?.message).toBe('the job was cancelled')
    expect(passed()).toBeLessThan(10_000)
  })
})

describe('sources that count at moments of their own', () => {
  it.each([
    ['15 s and 60 s', { stepMs: 15_000 }, { stepMs: 60_000 }, 60_000],
    ['15.1 s and 60 s', { stepMs: 15_100, anyMoment: true }, { stepMs: 60_000 }, 60_000],
    ['10 s and 15 s', { stepMs: 10_000 }, { stepMs: 15_000 }, 30_000],
  ])('are judged in windows that all have, and soon: %s', async (_, one, other, lengthMs) => {
    const { stage } = await deployed()
    const metrics = two(stage, metricsOf(stage, one), metricsOf(stage, { name: 'stats', ...other }))
    const policy = withAnalysis({ intervalMs: 10_000 })
    const outcome = await stage.conductor({ metrics, policy }).shift(step(25, 240_000))
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    const blocks = outcome.report?.blocks ?? []
    expect(blocks.length).toBeGreaterThanOrEqual(Math.floor(240_000 / lengthMs) - 1)
    for (const name of ['errors', 'latency-p95']) {
      expect(windowsOf(blocks, name)).toHaveLength(blocks.length)
      expect(gapless(windowsOf(blocks, name))).toBe(true)
    }
    expect(blocks.every(({ fromMs, toMs }) => toMs - fromMs === lengthMs && toMs % lengthMs === 0)).toBe(true)
  })
})

describe('a hold is not passed by what was not seen of it', () => {
  /** Half of the candidate's answers are bad in all that is told, from a moment on. */
  const badFrom = (stage: Stage, whole: MetricSource, since: () => boolean): MetricSource['counts'] => {
    return async (query, by, window) => {
      if (since()) stage.world.behave('v2', { errorShare: 0.5 })
      return whole.counts(query, by, window)
    }
  }

  it.each([
    ['the source’s clock goes back by four minutes', -240_000],
    ['the source’s clock leaps ahead by four minutes', 240_000],
  ])('harm is seen although %s', async (_, leapMs) => {
    const { stage, passed } = await deployed()
    const whole = new MemoryMetrics(stage.world)
    const metrics = metricsOf(stage, {
      now: async () => new Date(stage.clock.wallTime().getTime() + (passed() > 20_000 ? leapMs : 0)),
      counts: badFrom(stage, whole, () => passed() > 25_000),
    })
    const outcome = await stage.conductor({ metrics }).shift(step(25, 120_000))
    expect(outcome.result).toBe('failed')
    expect(passed()).toBeLessThan(110_000)
  })

  it('what happened while the source was away at its beginning is asked for', async () => {
    const { stage, passed } = await deployed()
    const whole = new MemoryMetrics(stage.world)
    const windows: MetricWindow[] = []
    const metrics = metricsOf(stage, {
      now: async () => {
        if (passed() < 60_000) throw new TransientError('502')
        return stage.clock.wallTime()
      },
      counts: async (query, by, window) => {
        if (query.name === 'errors') windows.push(window)
        return whole.counts(query, by, window)
      },
    })
    const outcome = await stage.conductor({ metrics }).shift(step(25, 90_000))
    expect(outcome.result).toBe('succeeded')
    const [first] = windows
    expect((first?.toMs ?? 0) - (first?.fromMs ?? 0)).toBeGreaterThan(45_000)
  })

  it('a judgement without one request of the candidate is none, whatever was counted before', async () => {
    const { stage } = await deployed()
    expect((await stage.conductor().shift(step(25, 60_000))).result).toBe('succeeded')
    const whole = new MemoryMetrics(stage.world)
    const metrics = metricsOf(stage, {
      counts: async (query, by, window) => {
        const told = await whole.counts(query, by, window)
        return told.kind === 'samples' ? { ...told, candidate: undefined } : told
      },
    })
    const outcome = await stage.conductor({ metrics }).analyze({ forMs: 30_000 })
    expect(outcome.report?.judgement.verdict).toBe('inconclusive')
    expect(outcome.problem?.message).toContain('no data')
  })

  it('most of it must have been told: a source that refuses nearly all of it for good does not pass it by the rest', async () => {
    const { stage } = await deployed()
    let beganMs: number | undefined
    const whole = new MemoryMetrics(stage.world)
    const metrics = metricsOf(stage, {
      counts: async (query, by, window) => {
        beganMs ??= window.fromMs
        if (query.name === 'errors' && window.fromMs - beganMs < 260_000) throw new TransientError('429')
        return whole.counts(query, by, window)
      },
    })
    const outcome = await stage.conductor({ metrics }).shift(step(25, 280_000))
    expect(outcome.problem?.message).toMatch(/^no data \(errors: /)
  })
})

describe('evidence', () => {
  it('of a hold that is cancelled is kept where the weight is held, and not begun anew', async () => {
    const { stage, passed } = await deployed()
    const cancelled = new AbortController()
    const whole = new MemoryMetrics(stage.world)
    const metrics = metricsOf(stage, {
      counts: async (...asked) => {
        if (passed() > 20_000) cancelled.abort()
        return whole.counts(...asked)
      },
    })
    await stage.conductor({ metrics, signal: cancelled.signal }).shift(step(25, 120_000))
    expect(ledgerOf(stage).rollout?.blocks.some(({ weight }) => weight === 25)).toBe(true)
  })
})
