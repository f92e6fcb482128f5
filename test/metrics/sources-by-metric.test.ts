import { describe, expect, it } from '@jest/globals'
import { AskingSource } from '../../src/metrics/asking-source.js'
import { SourcesByMetric } from '../../src/metrics/sources-by-metric.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import type { MetricQuery, MetricSource, MetricWindow } from '../../src/rollout/ports/metric-source.js'
import type { Selector } from '../../src/rollout/ports/platform.js'

const RUNNER = new Date('2026-01-06T11:00:00Z')
const runnerTime = (): Date => RUNNER
const WINDOW: MetricWindow = { fromMs: 0, toMs: 60_000 }
const BY = { stable: { slot: 'blue' }, candidate: { slot: 'green' } }
const errors: MetricQuery = { name: 'errors', kind: 'share' }
const orders: MetricQuery = { name: 'orders', kind: 'scalar' }

interface Asked {
  readonly metric: MetricQuery
  readonly by: { readonly stable: Selector | undefined; readonly candidate: Selector }
}

/** A source that says its name as the reason for having no data, and remembers what it was asked. */
function source(name: string, more: Partial<MetricSource> = {}): MetricSource & { readonly asked: Asked[] } {
  const asked: Asked[] = []
  return {
    name,
    lagMs: 0,
    asked,
    counts: (metric, by) => {
      asked.push({ metric, by })
      return Promise.resolve({ kind: 'no-data', why: name })
    },
    ...more,
  }
}

function mixed(...sources: readonly MetricSource[]): SourcesByMetric {
  const metrics = [['errors'], ['orders']]
  return new SourcesByMetric(
    sources.map((one, index) => ({ source: one, metrics: metrics[index] ?? [] })),
    runnerTime,
  )
}

describe('several sources as one', () => {
  it('ask each metric of its own source', async () => {
    const both = mixed(source('main'), source('stats'))
    expect(await both.counts(errors, BY, WINDOW)).toEqual({ kind: 'no-data', why: 'main' })
    expect(await both.counts(orders, BY, WINDOW)).toEqual({ kind: 'no-data', why: 'stats' })
    expect(both.name).toBe('main and stats')
  })

  it('wait for the slowest, and cut windows at moments at which all have counts', () => {
    const cut = (one?: number, other?: number): number =>
      mixed(
        source('a', one === undefined ? {} : { stepMs: one }),
        source('b', other === undefined ? {} : { stepMs: other }),
      ).stepMs
    expect(mixed(source('a', { lagMs: 16_000 }), source('b', { lagMs: 120_000 })).lagMs).toBe(120_000)
    expect([cut(15_000, 60_000), cut(10_000, 15_000), cut(1_000), cut()]).toEqual([60_000, 30_000, 1_000, 1])
  })

  it('learn as they go how slow they are', () => {
    let stepMs = 30_000
    const learning: MetricSource = {
      ...source('main'),
      get stepMs() {
        return stepMs
      },
    }
    const both = mixed(learning, source('stats', { stepMs: 10_000 }))
    expect(both.stepMs).toBe(30_000)
    stepMs = 15_000
    expect(both.stepMs).toBe(30_000)
    stepMs = 5_000
    expect(both.stepMs).toBe(10_000)
  })

  it('go by the clock that is furthest behind, and by the runner’s for a source that has none', async () => {
    const at = (ms: number) => ({ now: () => Promise.resolve(new Date(RUNNER.getTime() + ms)) })
    expect(await mixed(source('a', at(2_000)), source('b', at(-3_000))).now()).toEqual(
      new Date(RUNNER.getTime() - 3_000),
    )
    expect(await mixed(source('a', at(2_000)), source('b')).now()).toEqual(RUNNER)
  })

  it('do without the clock of one that does not answer; if none does, it is said why', async () => {
    const silent = { now: () => Promise.reject(new TransientError('main is away')) }
    const told = { now: () => Promise.resolve(new Date(5_000)) }
    expect(await mixed(source('main', silent), source('stats', told)).now()).toEqual(new Date(5_000))
    await expect(mixed(source('main', silent), source('stats', silent)).now()).rejects.toThrow('main is away')
  })

  it('tell what was before the rollout, where the source of the metric can', async () => {
    const past = [{ fromMs: 0, toMs: 1, sample: { kind: 'scalar' as const, value: 1 } }]
    const both = mixed(source('a', { history: () => Promise.resolve(past) }), source('b'))
    expect(await both.history(errors, { slot: 'blue' }, WINDOW, 1_000)).toEqual(past)
    expect(await both.history(orders, { slot: 'blue' }, WINDOW, 1_000)).toEqual([])
  })

  it('know no metric that was not given to one of them', async () => {
    await expect(mixed(source('a')).counts(orders, BY, WINDOW)).rejects.toThrow(
      'no source was given for metric orders',
    )
  })

  it('are refused where they hardly ever have counts at the same moment', () => {
    const odd = () => mixed(source('main', { stepMs: 7_000 }), source('stats', { stepMs: 60_000 }))
    expect(odd).toThrow(/hardly ever meet: main every 7 s, stats every 60 s/)
  })

  it('say which of them has no data, where it does not say so itself', async () => {
    const counts: MetricSource['counts'] = () =>
      Promise.resolve({ kind: 'no-data', why: 'candidate: no series match' })
    const both = mixed(source('main (prometheus)', { counts }), source('sales (prometheus)', { counts }))
    expect(await both.counts(orders, BY, WINDOW)).toEqual({
      kind: 'no-data',
      why: 'sales (prometheus): candidate: no series match',
    })
  })

  it('may take as long as the slowest for the time, and each its own for its metrics', () => {
    const slow = source('slow', { answerMs: 60_000 })
    const both = mixed(source('fast'), slow)
    expect([both.answerMs, both.sourceOf('orders')]).toEqual([60_000, slow])
  })
})

describe('a source that is told what metrics ask', () => {
  const queries = { errors: { requests: 'a', bad: 'b' } }

  it('asks with their queries, of slots by the part that they have', async () => {
    const inner = source('main')
    const roles = { stable: { 'canary~': '' }, candidate: { 'canary~': '.+' } }
    const asking = new AskingSource(inner, { queries, roles, runnerTime })
    await asking.counts({ ...errors, settings: { requests: '${NOT_FILLED_IN}' } }, BY, WINDOW)
    await asking.counts(orders, { stable: undefined, candidate: { slot: 'green' } }, WINDOW)
    expect(inner.asked).toEqual([
      {
        metric: { ...errors, settings: { requests: 'a', bad: 'b' } },
        by: { stable: { slot: 'blue', 'canary~': '' }, candidate: { slot: 'green', 'canary~': '.+' } },
      },
      { metric: orders, by: { stable: undefined, candidate: { slot: 'green', 'canary~': '.+' } } },
    ])
  })

  it('asks for the past of a slot as that of stable', async () => {
    const asked: Selector[] = []
    const inner = source('main', {
      history: (metric, of) => {
        asked.push({ ...of, asks: String(metric.settings?.['bad']) })
        return Promise.resolve([])
      },
    })
    const roles = { stable: { 'canary~': '' }, candidate: { 'canary~': '.+' } }
    await new AskingSource(inner, { queries, roles, runnerTime }).history(errors, { slot: 'blue' }, WINDOW, 1)
    expect(asked).toEqual([{ slot: 'blue', 'canary~': '', asks: 'b' }])
  })

  it('is as slow as the source, by the source’s clock or else the runner’s', async () => {
    const asking = new AskingSource(source('main', { lagMs: 7, stepMs: 5 }), { queries, runnerTime })
    expect([asking.name, asking.lagMs, asking.stepMs, await asking.now()]).toEqual(['main', 7, 5, RUNNER])
    expect([asking.answerMs, asking.historyAnswerMs(60), asking.anyMoment]).toEqual([10_000, 10_000, false])
    const patient = source('main', { answerMs: 9, historyAnswerMs: (windows) => windows, anyMoment: true })
    const long = new AskingSource(patient, { queries, runnerTime })
    expect([long.answerMs, long.historyAnswerMs(60), long.anyMoment]).toEqual([9, 60, true])
    const told = source('main', { now: () => Promise.resolve(new Date(1)) })
    expect(await new AskingSource(told, { queries, runnerTime }).now()).toEqual(new Date(1))
  })
})
