import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openInfluxdb } from '../../../src/metrics/influxdb/influxdb.js'
import type { InfluxMetric } from '../../../src/metrics/influxdb/settings.js'
import type { MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { describeMetricSource } from '../../contracts/metric-source-contract.js'
import { csvReply, InfluxdbDouble } from '../doubles/influxdb.js'
import { BOTH, failureOf, VendorStage } from '../doubles/stage.js'
import { jsonReply } from '../doubles/vendor-double.js'

function metric(kind: MetricQuery['kind'], settings: InfluxMetric): MetricQuery {
  return { name: 'checked', kind, settings: { ...settings } }
}

/** Flux as the Data Explorer writes it. */
function flux(field: string, end: string, slot = '"{{slot}}"'): string {
  return `from(bucket: v.defaultBucket)
  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
  |> filter(fn: (r) => r._measurement == "http" and r._field == "${field}" and r.slot == ${slot})
  ${end}`
}

const errors = metric('share', { requests: flux('requests', '|> sum()'), bad: flux('errors', '|> sum()') })
const latency = metric('latency', {
  buckets: flux('duration', '|> group() |> histogram(bins: [0.005, 0.1, 0.5, float(v: "+Inf")])'),
})

function influxql(field: string, end = ''): string {
  return `SELECT sum("${field}") FROM "http" WHERE "slot" = '{{slot}}' AND $timeFilter${end}`
}

const oldErrors = metric('share', { requests: influxql('requests'), bad: influxql('errors') })
const oldLatency = metric('latency', { buckets: influxql('upto', ' GROUP BY "le"') })

const MEAN = flux('duration', '|> mean()')

type Given = Record<string, unknown>

let stage: VendorStage<InfluxdbDouble>
const open = async (settings: Given = {}): Promise<VendorStage<InfluxdbDouble>> => {
  const usual = { org: 'acme', bucket: 'web', token: InfluxdbDouble.token }
  stage = await VendorStage.open(
    (now) => new InfluxdbDouble(now),
    (url, context) => openInfluxdb({ url, ...usual, ...settings }, context),
  )
  return stage
}
const openOld = (settings: Given = {}): Promise<VendorStage<InfluxdbDouble>> =>
  open({ language: 'influxql', database: 'web', token: undefined, ...InfluxdbDouble.user, ...settings })

describeMetricSource('InfluxDB in Flux', async () => (await open()).harness(errors, latency))
describeMetricSource('InfluxDB in InfluxQL', async () => (await openOld()).harness(oldErrors, oldLatency))

describe('counts from InfluxDB 2', () => {
  beforeEach(() => open())
  afterEach(() => stage.close())

  it('are those of a query as it was made in the Data Explorer; the token goes as a header', async () => {
    const window = stage.serve({ blue: { good: 90, bad: 10 }, green: { good: 20, bad: 0 } })
    expect(await stage.source.counts(errors, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'share', requests: 100, bad: 10 },
      candidate: { kind: 'share', requests: 20, bad: 0 },
    })
    for (const { path, headers } of stage.double.asked) {
      expect(path).toBe('/api/v2/query?org=acme')
      expect(headers.authorization).toBe(`Token ${InfluxdbDouble.token}`)
    }
  })

  it('of durations are those of histogram()', async () => {
    const window = stage.serve({ blue: { good: 5, bad: 0, ms: 100 }, green: { good: 3, bad: 0, ms: 600 } })
    expect(await stage.source.counts(latency, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 5, 0, 0] },
      candidate: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 0, 0, 3] },
    })
  })

  it('may be one number, and queries may import', async () => {
    const window = stage.serve({ green: { good: 3, bad: 0, ms: 400 } })
    const mean = metric('scalar', { query: `import "math"\n${flux('duration', '|> mean()')}` })
    expect(await stage.source.counts(mean, BOTH, window)).toMatchObject({
      stable: undefined,
      candidate: { kind: 'scalar', value: expect.closeTo(0.4, 9) },
    })
  })

  it.each([`a"b{{x}}\\`, '${v}', '\\${v}', '" or r.slot == "blue'])(
    'select a slot of any name, and only it: %s',
    async (slot) => {
      const window = stage.serve({ [slot]: { good: 4, bad: 1 }, blue: { good: 100, bad: 0 } })
      const by = { stable: undefined, candidate: { slot } }
      for (const written of ['"{{slot}}"', '{{slot}}']) {
        const [requests, bad] = [flux('requests', '|> sum()', written), flux('errors', '|> sum()', written)]
        expect(await stage.source.counts(metric('share', { requests, bad }), by, window)).toMatchObject({
          candidate: { requests: 5, bad: 1 },
        })
      }
    },
  )

  it('are no data where there is nothing', async () => {
    const window = stage.serve({})
    for (const one of [errors, latency]) {
      expect(await stage.source.counts(one, BOTH, window)).toMatchObject({ kind: 'no-data' })
    }
  })

  it('do not take a value that is missing for 0', async () => {
    const window = stage.serve({})
    const missing = csvReply([[{ host: 'a', _value: '' }]])
    stage.double.instead(missing, missing)
    const scalar = metric('scalar', { query: MEAN })
    expect(await stage.source.counts(scalar, BOTH, window)).toMatchObject({ kind: 'no-data' })
  })

  it('are asked for again where InfluxDB is busy or broken', async () => {
    const window = stage.serve({ green: { good: 7, bad: 0 } })
    const busy = jsonReply(
      { code: 'too many requests', message: 'org 1 has exceeded limited_query plan limit' },
      429,
    )
    stage.double.instead(busy, jsonReply({ code: 'unavailable', message: 'starting' }, 503))
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({ candidate: { requests: 7 } })
    stage.double.instead(...Array.from({ length: 20 }, () => busy))
    expect(await failureOf(stage.source.counts(errors, BOTH, window))).toBeInstanceOf(TransientError)
  })

  it('fail with what InfluxDB says of a query, before its first answer and after it', async () => {
    const window = stage.serve({})
    const wrong = metric('scalar', { query: flux('duration', '|> nonsense()') })
    const { message } = await failureOf(stage.source.counts(wrong, BOTH, window))
    expect(message).toMatch(/answered 400: "compilation failed: error @4:1: \|> nonsense\(\)"$/)
    const table = csvReply([[{ error: 'out of memory, "really"', reference: '897' }]])
    stage.double.instead(table, table)
    const late = await failureOf(stage.source.counts(metric('scalar', { query: MEAN }), BOTH, window))
    expect(late.message).toMatch(/^influxdb at http:\S+: "out of memory, \\"really\\""$/)
  })

  it('fail where the answer is not of numbers, or has no value', async () => {
    const window = stage.serve({})
    const scalar = metric('scalar', { query: MEAN })
    const text = csvReply([[{ _value: 'up' }]])
    stage.double.instead(text, text)
    expect(await failureOf(stage.source.counts(scalar, BOTH, window))).toMatchObject({
      message: expect.stringContaining('_value is up'),
    })
    const other = csvReply([[{ mean: 4 }]])
    stage.double.instead(other, other)
    expect(await failureOf(stage.source.counts(scalar, BOTH, window))).toMatchObject({
      hint: expect.stringContaining('keep _value'),
    })
    const open = csvReply([[{ le: 0.1, _value: 4 }]])
    stage.double.instead(open, open)
    expect(await failureOf(stage.source.counts(latency, BOTH, window))).toMatchObject({
      message: expect.stringContaining('"buckets has no +Inf, which counts all requests"'),
    })
  })
})

describe('counts from InfluxDB 1', () => {
  beforeEach(() => openOld())
  afterEach(() => stage.close())

  it.each([`a'b{{x}}\\`, '$timeFilter', '\' OR "slot" = \'blue'])(
    'select a slot of any name, and only it: %s',
    async (slot) => {
      const window = stage.serve({ [slot]: { good: 4, bad: 1 }, blue: { good: 100, bad: 0 } })
      const by = { stable: undefined, candidate: { slot } }
      expect(await stage.source.counts(oldErrors, by, window)).toMatchObject({
        candidate: { requests: 5, bad: 1 },
      })
    },
  )

  it('fail with an error that comes with status 200, or with part of an answer', async () => {
    const window = stage.serve({})
    const timeout = jsonReply({ results: [{ statement_id: 0, error: 'query-timeout limit exceeded' }] })
    stage.double.instead(...Array.from({ length: 4 }, () => timeout))
    const { message } = await failureOf(stage.source.counts(oldErrors, BOTH, window))
    expect(message).toMatch(/^influxdb at http:\S+: "query-timeout limit exceeded"$/)
    await stage.close()
    await openOld()
    const part = jsonReply({ results: [{ statement_id: 0, series: [], partial: true }] })
    stage.double.instead(...Array.from({ length: 4 }, () => part))
    const partial = await failureOf(stage.source.counts(oldErrors, BOTH, window))
    expect(partial.message).toContain('the answer is not complete (partial)')
  })
})

describe.each([
  ['Flux', open, errors, latency],
  ['InfluxQL', openOld, oldErrors, oldLatency],
] as const)('points of InfluxDB in %s', (_, openIn, errorsIn, latencyIn) => {
  beforeEach(() => openIn())
  afterEach(() => stage.close())

  it.each([60_000, 300_000])('that come every %d ms are refused with a step of 10 s', async (apartMs) => {
    const window = stage.serveEvery(apartMs, 4)
    for (const one of [errorsIn, latencyIn]) {
      const { message } = await failureOf(stage.source.counts(one, BOTH, window))
      expect(message).toMatch(
        new RegExp(
          `^influxdb at http:\\S+: "points come ${apartMs / 1_000} s apart and not 10 s, so that .*: set step: ${apartMs / 1_000}s in the settings of the source"$`,
        ),
      )
    }
    const past = { fromMs: window.toMs - 600_000, toMs: window.toMs }
    const history = stage.source.history?.(errorsIn, BOTH.stable, past, 10_000) ?? Promise.resolve()
    expect((await failureOf(history)).message).toContain(`points come ${apartMs / 1_000} s apart`)
  })

  it('are taken where they are too few to tell, and nothing is asked twice of the same time', async () => {
    const window = stage.serveEvery(60_000, 3)
    expect(await stage.source.counts(errorsIn, BOTH, window)).toMatchObject({ candidate: { requests: 51 } })
    const once = stage.double.asked.length
    expect(await stage.source.counts(errorsIn, BOTH, window)).toMatchObject({ candidate: { requests: 51 } })
    expect(stage.double.asked.length - once).toBe(4)
  })

  it('are looked at until two steps side by side have some, and never again', async () => {
    stage.double.count('green', { good: 5, bad: 0, ms: 1 })
    const window = stage.serve({ green: { good: 50, bad: 1 } })
    for (const asked of [4 + 3, 4]) {
      const before = stage.double.asked.length
      expect(await stage.source.counts(errorsIn, BOTH, window)).toMatchObject({ candidate: { requests: 51 } })
      expect(stage.double.asked.length - before).toBe(asked)
    }
  })
})

describe('settings of InfluxDB', () => {
  afterEach(() => stage.close())

  it.each<[Given, boolean, string, string]>([
    [{ token: 'wrong-token-9876' }, false, 'answered 401: "unauthorized access"', 'Look at token'],
    [{ org: 'nobody' }, false, 'organization name \\"nobody\\" not found', 'Look at org and bucket'],
    [{ bucket: 'a"b' }, false, 'could not find bucket', 'Look at org and bucket'],
    [{ password: 'wrong-password-9876' }, true, 'answered 401: "authorization failed"', 'user and password'],
    [{ database: 'none' }, true, 'database not found: none', 'Correct the query'],
  ])('that are refused are told with a hint, and without secrets: %j', async (settings, old, said, hint) => {
    await (old ? openOld(settings) : open(settings))
    const window = stage.serve({ green: { good: 1, bad: 0 } })
    const failure = await failureOf(stage.source.counts(old ? oldErrors : errors, BOTH, window))
    expect(failure).toMatchObject({
      message: expect.stringContaining(said),
      hint: expect.stringContaining(hint),
    })
    expect(`${failure.message}${JSON.stringify(failure)}`).not.toMatch(/wrong-(token|password)/)
  })
})

describe('a metric of InfluxDB', () => {
  beforeEach(() => open())
  afterEach(() => stage.close())

  it.each<[MetricQuery, string]>([
    [
      metric('share', { requests: 'from(bucket: "b")', bad: 'x' }),
      'allowed: a query with range(start: v.timeRangeStart',
    ],
    [metric('latency', {}), 'buckets is missing, by which influxdb counts a latency'],
    [metric('scalar', { query: flux('x', '{{slto}}') }), '{{slto}} in the query'],
  ])('is refused before anything is asked: %j', async (wrong, said) => {
    const failure = await failureOf(stage.source.counts(wrong, BOTH, { fromMs: 0, toMs: 60_000 }))
    expect(failure.message).toContain(said)
    expect(stage.double.asked).toEqual([])
  })

  it('in InfluxQL only reads, and in a window', async () => {
    await stage.close()
    await openOld()
    const asked = (query: string) =>
      failureOf(stage.source.counts(metric('scalar', { query }), BOTH, { fromMs: 0, toMs: 60_000 }))
    expect((await asked('DROP SERIES FROM x WHERE $timeFilter')).message).toContain(
      'a query that begins with SELECT',
    )
    const named = await asked("SELECT a FROM b WHERE $timeFilter AND slot = '{{slto}}'")
    expect(named.message).toContain(
      `{{slto}} in the query SELECT a FROM b WHERE $timeFilter AND slot = '{{slto}}' is unknown`,
    )
    expect((await asked('SELECT a FROM b')).message).toContain('allowed: a query with WHERE $timeFilter')
  })
})
