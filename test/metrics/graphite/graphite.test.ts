import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openGraphite } from '../../../src/metrics/graphite/graphite.js'
import type { GraphiteMetric, GraphiteSettings } from '../../../src/metrics/graphite/settings.js'
import type { MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { describeMetricSource } from '../../contracts/metric-source-contract.js'
import { broken, GraphiteDouble } from '../doubles/graphite.js'
import { BOTH, failureOf, VendorStage } from '../doubles/stage.js'
import { jsonReply } from '../doubles/vendor-double.js'

function metric(kind: MetricQuery['kind'], settings: GraphiteMetric): MetricQuery {
  return { name: 'checked', kind, settings: { ...settings } }
}

const errors = metric('share', {
  requests: 'stats_counts.{{service}}.{{slot}}.requests',
  bad: 'sumSeries(stats_counts.{{service}}.{{slot}}.errors)',
})
const latency = metric('latency', {
  buckets: 'stats.timers.shop.{{slot}}.histogram.bin_{{edge}}',
  edges: [5, 100, 500],
})

let stage: VendorStage<GraphiteDouble>
const open = async (settings: Partial<GraphiteSettings> = {}): Promise<VendorStage<GraphiteDouble>> => {
  stage = await VendorStage.open(
    (now) => new GraphiteDouble(now),
    (url, context) =>
      openGraphite({ url, bearer: GraphiteDouble.bearer, stepMs: 10_000, ...settings }, context),
  )
  return stage
}

describeMetricSource('Graphite', async () => (await open()).harness(errors, latency))

describe('counts from Graphite', () => {
  beforeEach(() => open())
  afterEach(() => stage.close())

  it('are the points of a window added up, in one request for both slots', async () => {
    const before = stage.serve({ green: { good: 500, bad: 500 } })
    const window = stage.serve({ blue: { good: 90, bad: 10 }, green: { good: 20, bad: 0 } }, { stepsLong: 2 })
    stage.serve({ green: { good: 500, bad: 500 } })
    expect(before.toMs).toBeLessThanOrEqual(window.fromMs)
    expect(await stage.source.counts(errors, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'share', requests: 100, bad: 10 },
      candidate: { kind: 'share', requests: 20, bad: 0 },
    })
    expect(stage.double.asked).toMatchObject([{ path: '/render' }])
  })

  it('of timers are those of their bins', async () => {
    const window = stage.serve({ blue: { good: 5, bad: 0, ms: 100 }, green: { good: 3, bad: 0, ms: 600 } })
    expect(await stage.source.counts(latency, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 5, 0, 0] },
      candidate: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 0, 0, 3] },
    })
  })

  it('may be one number instead', async () => {
    const window = stage.serve({ green: { good: 3, bad: 0, ms: 400 } })
    const upper = metric('scalar', { query: 'stats.timers.shop.{{slot}}.upper_95', aggregate: 'max' })
    expect(await stage.source.counts(upper, BOTH, window)).toEqual({
      kind: 'samples',
      stable: undefined,
      candidate: { kind: 'scalar', value: 400 },
    })
  })

  it.each([`a"b{{x}}\\`, '1.2.3', '*', '{blue,green}', "x'),constantLine(1", 'two words'])(
    'refuse a value that Graphite would take for more than a name: %s',
    async (slot) => {
      const by = { stable: undefined, candidate: { slot } }
      const failure = await failureOf(stage.source.counts(errors, by, { fromMs: 0, toMs: 10_000 }))
      expect(failure.message).toContain('has other signs than letters, digits, _ and - in it')
      expect(stage.double.asked).toEqual([])
    },
  )

  it('are no data where no series matches, or has no points', async () => {
    const window = stage.serve({})
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('graphite has nothing of it'),
    })
    const unknown = metric('scalar', { query: 'nothing.{{slot}}' })
    expect(await stage.source.counts(unknown, BOTH, window)).toMatchObject({ kind: 'no-data' })
  })

  it('are asked for again where Graphite is busy or broken, and then say what its page said', async () => {
    const window = stage.serve({ green: { good: 7, bad: 0 } })
    stage.double.instead(broken('TimeoutError'), { status: 429, body: 'slow down' })
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({ candidate: { requests: 7 } })
    stage.double.instead(...Array.from({ length: 5 }, () => broken('KeyError')))
    const failure = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(failure).toBeInstanceOf(TransientError)
    expect(failure.message).toMatch(/answered 500: "a web page, KeyError at \/render" \(5 tries\)$/)
  })

  it('fail with what Graphite says of a target', async () => {
    const window = stage.serve({})
    const wrong = metric('scalar', { query: 'nonsense(x.{{slot}})' })
    expect(await failureOf(stage.source.counts(wrong, BOTH, window))).toMatchObject({
      message: expect.stringContaining(`answered 400: "Invalid target: alias(nonsense(x.green),'q0')"`),
      hint: 'Correct the target of the metric as Graphite says.',
    })
  })

  it('fail where points are further apart than a step, or are no series at all', async () => {
    const window = stage.serve({})
    const points = [0, 60, 120].map((seconds) => [4, window.fromMs / 1_000 + seconds])
    stage.double.instead(jsonReply([{ target: 'q0', datapoints: points }]))
    const { message } = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(message).toContain(
      'points are 60 s apart, which does not go into a step of 10 s: set step: 60s, or a multiple of it',
    )
    stage.double.instead(jsonReply([{ target: 'q0', datapoints: [[4, window.fromMs / 1_000]] }]))
    const single = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(single.message).toContain(
      'there is one point, and more than one step of 10 s was asked for: set step',
    )
    stage.double.instead(jsonReply({ ok: true }))
    expect(await failureOf(stage.source.counts(errors, BOTH, window))).toMatchObject({
      message: expect.stringContaining('the answer is no list of series'),
    })
  })
})

describe('settings of Graphite', () => {
  afterEach(() => stage.close())

  it('that are refused are told with a hint, and without secrets', async () => {
    await open({ bearer: 'wrong-bearer-9876' })
    const window = stage.serve({})
    const failure = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(failure).toMatchObject({
      message: expect.stringContaining('answered 401: "a web page, 401 Authorization Required"'),
      hint: 'Look at basic, bearer or headers: who asks may not read.',
    })
    stage.double.instead({ status: 403, body: 'wrong-bearer-9876 may not' })
    expect((await failureOf(stage.source.counts(errors, BOTH, window))).message).toContain('"*** may not"')
  })
})

describe('a metric of Graphite', () => {
  beforeEach(() => open())
  afterEach(() => stage.close())

  it.each<[MetricQuery, string]>([
    [metric('share', { requests: 'a.{{slot}}' }), 'bad is missing, by which graphite counts a share'],
    [
      metric('latency', { buckets: 'a.bin_5', edges: [5] }),
      'buckets is "a.bin_5"; allowed: a target with {{edge}}',
    ],
    [metric('latency', { buckets: 'a.bin_{{edge}}' }), 'edges is []; allowed: durations that rise'],
    [metric('scalar', { query: 'a.{{slto}}' }), '{{slto}} in the query a.{{slto}} is unknown'],
  ])('is refused before anything is asked: %j', async (wrong, said) => {
    const failure = await failureOf(stage.source.counts(wrong, BOTH, { fromMs: 0, toMs: 60_000 }))
    expect(failure.message).toContain(said)
    expect(stage.double.asked).toEqual([])
  })
})
