import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openDatadog } from '../../../src/metrics/datadog/datadog.js'
import type { DatadogMetric, DatadogSettings } from '../../../src/metrics/datadog/settings.js'
import type { MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { describeMetricSource } from '../../contracts/metric-source-contract.js'
import { DatadogDouble } from '../doubles/datadog.js'
import { BOTH, failureOf, VendorStage } from '../doubles/stage.js'
import { jsonReply } from '../doubles/vendor-double.js'

const { api: apiKey, application: applicationKey } = DatadogDouble.keys

function metric(kind: MetricQuery['kind'], settings: DatadogMetric): MetricQuery {
  return { name: 'checked', kind, settings: { ...settings } }
}

const errors = metric('share', {
  requests: 'sum:http.requests{service:{{service}},slot:{{slot}}}.as_count()',
  bad: 'sum:http.errors{service:{{service}},slot:{{slot}}}.as_count()',
})
const latency = metric('latency', {
  duration: 'http.request.duration{service:shop,slot:{{slot}}}',
  edges: [5, 100, 500],
})

function open(settings: Partial<DatadogSettings> = {}): Promise<VendorStage<DatadogDouble>> {
  return VendorStage.open(
    (now) => new DatadogDouble(now),
    (url, context) => openDatadog({ url, apiKey, applicationKey, ...settings }, context),
  )
}

describeMetricSource('Datadog', async () => (await open()).harness(errors, latency))

describe('counts from Datadog', () => {
  let stage: VendorStage<DatadogDouble>
  beforeEach(async () => {
    stage = await open()
  })
  afterEach(() => stage.close())

  it('are asked for in one request for both slots, with keys in headers and never in the address', async () => {
    const window = stage.serve({ blue: { good: 90, bad: 10 }, green: { good: 20, bad: 0 } })
    expect(await stage.source.counts(errors, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'share', requests: 100, bad: 10 },
      candidate: { kind: 'share', requests: 20, bad: 0 },
    })
    expect(stage.double.asked).toHaveLength(1)
    expect(stage.double.asked[0]).toMatchObject({
      path: '/api/v2/query/timeseries',
      headers: { 'dd-api-key': apiKey, 'dd-application-key': applicationKey },
    })
  })

  it('add several kinds of bad requests up', async () => {
    const window = stage.serve({ green: { good: 8, bad: 2 } })
    const bad = 'sum:http.errors{service:shop,slot:{{slot}}}.as_count()'
    const twice = metric('share', { requests: String(errors.settings?.['requests']), bad: [bad, bad] })
    expect(await stage.source.counts(twice, BOTH, window)).toMatchObject({
      candidate: { requests: 10, bad: 4 },
    })
  })

  it('of a distribution are counts below each edge', async () => {
    const window = stage.serve({ blue: { good: 5, bad: 0, ms: 100 }, green: { good: 3, bad: 0, ms: 600 } })
    expect(await stage.source.counts(latency, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 5, 0, 0] },
      candidate: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 0, 0, 3] },
    })
  })

  it('may be a number for each block instead', async () => {
    const window = stage.serve({ blue: { good: 5, bad: 0, ms: 100 }, green: { good: 5, bad: 0, ms: 400 } })
    const p95 = metric('scalar', { query: 'p95:http.request.duration{slot:{{slot}}}', aggregate: 'max' })
    expect(await stage.source.counts(p95, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'scalar', value: 0.1 },
      candidate: { kind: 'scalar', value: 0.4 },
    })
  })

  it('may be of values, with their sum and that of their squares', async () => {
    const window = stage.serve({ green: { good: 5, bad: 2 } })
    const values = 'sum:http.requests{service:shop,slot:{{slot}}}.as_count()'
    const sum = 'sum:http.errors{service:shop,slot:{{slot}}}.as_count()'
    const mean = metric('mean', { values, sum, squares: sum })
    expect(await stage.source.counts(mean, BOTH, window)).toMatchObject({
      stable: undefined,
      candidate: { kind: 'mean', count: 7, sum: expect.closeTo(2, 6), sumOfSquares: expect.closeTo(2, 6) },
    })
  })

  it('select by tags as Datadog stores them', async () => {
    const slot = 'V1.2/a"b{{x}}\\'
    const window = stage.serve({ [slot]: { good: 4, bad: 1 } })
    const by = { stable: undefined, candidate: { slot } }
    expect(await stage.source.counts(errors, by, window)).toMatchObject({
      candidate: { requests: 5, bad: 1 },
    })
    expect(stage.double.asked[0]?.body).toContain('slot:v1.2/a_b__x___}')
  })

  it('put values nowhere but into tags', async () => {
    const window = stage.serve({ green: { good: 1, bad: 0 } })
    const named = metric('scalar', { query: 'avg:{{slot}}.p95{*}' })
    const { message } = await failureOf(stage.source.counts(named, BOTH, window))
    expect(message).toContain('does not stand in the braces that select tags')
    const patterned = { stable: undefined, candidate: { 'slot~': 'gr.*' } }
    const pattern = await failureOf(stage.source.counts(errors, patterned, window))
    expect(pattern.message).toContain('is a pattern, which a tag cannot be')
  })

  it('are no data where there are no points', async () => {
    const window = stage.serve({})
    expect(await stage.source.counts(errors, BOTH, window)).toEqual({
      kind: 'no-data',
      why: 'datadog has nothing of it from 11:00:10 to 11:00:20 UTC: no requests, or nothing that the query matches',
    })
  })

  it('are no data where more were bad than there were', async () => {
    const window = stage.serve({ green: { good: 1, bad: 1 } })
    const swapped = metric('share', {
      requests: 'sum:http.errors{service:shop,slot:{{slot}}}.as_count()',
      bad: 'sum:http.requests{service:shop,slot:{{slot}}}.as_count()',
    })
    expect(await stage.source.counts(swapped, BOTH, window)).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('2 bad of 1 requests: the queries count different things'),
    })
  })

  it('are asked for again where Datadog is busy or broken', async () => {
    const window = stage.serve({ green: { good: 7, bad: 0 } })
    stage.double.instead(
      jsonReply({ errors: ['Rate limit of 100 requests in 3600 seconds reached.'] }, 429),
      { status: 503, body: 'upstream connect error' },
    )
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({ candidate: { requests: 7 } })
    expect(stage.double.asked).toHaveLength(3)
    const limited = jsonReply({ errors: ['Rate limit reached.'] }, 429)
    stage.double.instead(limited, limited, limited, limited, limited)
    const failure = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(failure).toBeInstanceOf(TransientError)
    expect(failure.message).toMatch(/^datadog at http:.* answered 429: "Rate limit reached\." \(5 tries\)$/)
  })

  it('fail with what Datadog says of a query', async () => {
    const window = stage.serve({})
    const wrong = metric('scalar', { query: 'p95:unknown{slot:{{slot}}}' })
    const { message } = await failureOf(stage.source.counts(wrong, BOTH, window))
    expect(message).toMatch(/answered 400: "Error parsing query: p95:unknown\{slot:green\}"$/)
    stage.double.instead(jsonReply({ data: { attributes: { series: [] } }, errors: 'the query timed out' }))
    const told = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(told.message).toMatch(/^datadog at http:\S+: "the query timed out"$/)
  })

  it('fail where a point is between two steps', async () => {
    const window = stage.serve({})
    const attributes = { series: [{ query_index: 0 }], times: [window.fromMs - 5_000], values: [[4]] }
    stage.double.instead(jsonReply({ data: { attributes } }))
    const { message } = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(message).toContain('a point is at 2026-01-06T11:00:05.000Z, which is no whole 10 s: set step')
  })

  it('fail where the points come less often than a step, though each is at a whole one', async () => {
    const window = stage.serveEvery(60_000, 4)
    for (const one of [errors, latency]) {
      const { message } = await failureOf(stage.source.counts(one, BOTH, window))
      expect(message).toMatch(
        /^datadog at http:\S+: "points come 60 s apart and not 10 s, so that .*: set step: 60s in the settings of the source"$/,
      )
    }
    const past = { fromMs: window.toMs - 600_000, toMs: window.toMs }
    const history = stage.source.history?.(errors, BOTH.stable, past, 10_000) ?? Promise.resolve()
    expect((await failureOf(history)).message).toContain('points come 60 s apart')
  })

  it('fail where Datadog rolls up by itself, since the past that is asked for is long', async () => {
    for (let time = 0; time < 60; time++) {
      stage.double.count('blue', { good: 1, bad: 0, ms: 1 })
      stage.clock.advance([70_000, 50_000, 110_000][time % 3] ?? 0)
    }
    const { toMs } = stage.serve({ blue: { good: 1, bad: 0 } })
    const past = async (historyMs: number) =>
      stage.source.history?.(errors, BOTH.stable, { fromMs: toMs - historyMs, toMs }, 10_000)
    expect(await past(3_600_000)).toContainEqual(expect.objectContaining({ toMs }))
    expect((await failureOf(past(18_000_000))).message).toContain('points come 60 s apart and not 10 s')
  })

  it('are taken where there is too little to tell how far apart the points are, and of numbers in any case', async () => {
    const few = stage.serveEvery(60_000, 3)
    expect(await stage.source.counts(errors, BOTH, few)).toMatchObject({ candidate: { requests: 51 } })
    const many = stage.serveEvery(60_000, 4)
    const p95 = metric('scalar', { query: 'p95:http.request.duration{slot:{{slot}}}' })
    expect(await stage.source.counts(p95, BOTH, many)).toMatchObject({ candidate: { value: 0.001 } })
  })

  it('are taken where requests are few, and come at any step', async () => {
    for (const steps of [7, 3, 12, 5]) {
      stage.double.count('green', { good: 1, bad: 0, ms: 1 })
      stage.clock.advance(steps * 10_000)
    }
    const window = stage.serve({ green: { good: 2, bad: 0 } })
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({ candidate: { requests: 2 } })
  })
})

describe('settings of Datadog', () => {
  it.each([
    [{ apiKey: 'wrong-key-987654' }, 'answered 401: "Unauthorized"', 'Look at api-key and site'],
    [
      { applicationKey: 'wrong-key-987654' },
      'answered 403: "Forbidden; Failed',
      'the scope timeseries_query',
    ],
  ])('that are refused are told with a hint, and without the keys: %j', async (settings, said, hint) => {
    const stage = await open(settings)
    const window = stage.serve({ green: { good: 1, bad: 0 } })
    const failure = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(failure).toMatchObject({
      message: expect.stringContaining(said),
      hint: expect.stringContaining(hint),
    })
    stage.double.instead(
      jsonReply({ errors: [`no such key: ${apiKey}, ${applicationKey}, wrong-key-987654`] }, 403),
    )
    const told = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(`${told.message} ${JSON.stringify(told)}`).not.toMatch(/wrong-key|dd-api-key-01.*dd-app-key-01/)
    await stage.close()
  })

  it('name a site', async () => {
    const stage = await open()
    const context = {
      clock: stage.clock,
      signal: new AbortController().signal,
      service: 's',
      warn: () => undefined,
    }
    const at = (site: string): unknown => openDatadog({ apiKey, applicationKey, site }, context)
    expect(() => at('https://datadoghq.eu')).toThrow(
      /site is "https:\/\/datadoghq\.eu"; allowed: a site such as/,
    )
    expect(at('app.datadoghq.eu')).toMatchObject({ name: 'datadog', lagMs: 60_000, stepMs: 10_000 })
    await stage.close()
  })
})

describe('a metric of Datadog', () => {
  let stage: VendorStage<DatadogDouble>
  beforeEach(async () => {
    stage = await open()
  })
  afterEach(() => stage.close())

  it.each<[MetricQuery, string]>([
    [metric('share', {}), 'metric checked: requests is missing, by which datadog counts a share'],
    [
      metric('share', { requests: 'sum:http.requests{*}', bad: 'sum:http.errors{*}.as_count()' }),
      'requests is "sum:http.requests{*}"; allowed: a query of counts, such as sum:',
    ],
    [
      metric('latency', { duration: 'p95:x{*}' }),
      'duration is "p95:x{*}"; allowed: the name of a distribution',
    ],
    [metric('latency', { duration: 'x{*}', edges: [5, 5] }), 'edges is [5,5]; allowed: durations that rise'],
    [metric('scalar', { query: 'avg:x{slot:{{slto}}}' }), '{{slto}} in the query'],
  ])('is refused before anything is asked: %j', async (wrong, said) => {
    const failure = await failureOf(stage.source.counts(wrong, BOTH, { fromMs: 0, toMs: 10_000 }))
    expect(failure).toBeInstanceOf(UserError)
    expect(failure.message).toContain(said)
    expect(stage.double.asked).toEqual([])
  })
})
