import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openNewRelic } from '../../../src/metrics/newrelic/newrelic.js'
import type { NewRelicMetric, NewRelicSettings } from '../../../src/metrics/newrelic/settings.js'
import type { MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { describeMetricSource } from '../../contracts/metric-source-contract.js'
import { graphqlError, NewRelicDouble } from '../doubles/newrelic.js'
import { BOTH, failureOf, VendorStage } from '../doubles/stage.js'
import { jsonReply } from '../doubles/vendor-double.js'

const where = "appName = '{{service}}' AND slot = '{{slot}}'"

function metric(kind: MetricQuery['kind'], settings: Partial<NewRelicMetric> = {}): MetricQuery {
  return { name: 'checked', kind, settings: { where, ...settings } }
}

const errors = metric('share', { bad: "httpResponseCode >= '500'" })
const latency = metric('latency', { edges: [5, 100, 500] })

let stage: VendorStage<NewRelicDouble>
const open = async (settings: Partial<NewRelicSettings> = {}): Promise<VendorStage<NewRelicDouble>> => {
  stage = await VendorStage.open(
    (now) => new NewRelicDouble(now),
    (url, context) =>
      openNewRelic(
        { url, accountId: NewRelicDouble.account, apiKey: NewRelicDouble.key, ...settings },
        context,
      ),
  )
  return stage
}

/** The NRQL of the first question. */
function nrqlOf({ double }: VendorStage<NewRelicDouble>): string {
  const { variables } = JSON.parse(double.asked[0]?.body ?? '{}') as { variables: Record<string, string> }
  return variables['q0'] ?? ''
}

describeMetricSource('New Relic', async () => (await open()).harness(errors, latency))

describe('counts from New Relic', () => {
  beforeEach(() => open())
  afterEach(() => stage.close())

  it('are asked for in one request for both slots, with the key as a header', async () => {
    const window = stage.serve({ blue: { good: 90, bad: 10 }, green: { good: 20, bad: 0 } })
    expect(await stage.source.counts(errors, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'share', requests: 100, bad: 10 },
      candidate: { kind: 'share', requests: 20, bad: 0 },
    })
    expect(stage.double.asked).toMatchObject([
      { path: '/graphql', headers: { 'api-key': NewRelicDouble.key } },
    ])
    expect(nrqlOf(stage)).toBe(
      "SELECT count(*) AS 'requests', filter(count(*), WHERE (httpResponseCode >= '500')) AS 'bad' FROM Transaction " +
        `WHERE (appName = 'shop' AND slot = 'green') SINCE ${window.fromMs} UNTIL ${window.toMs}`,
    )
  })

  it('of durations are counts below each edge', async () => {
    const window = stage.serve({ blue: { good: 5, bad: 0, ms: 100 }, green: { good: 3, bad: 0, ms: 600 } })
    expect(await stage.source.counts(latency, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 5, 0, 0] },
      candidate: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 0, 0, 3] },
    })
  })

  it('may be of values, with their sum and that of their squares, or one number', async () => {
    const window = stage.serve({ green: { good: 3, bad: 0, ms: 400 } })
    expect(await stage.source.counts(metric('mean', { value: 'basket' }), BOTH, window)).toEqual({
      kind: 'samples',
      stable: undefined,
      candidate: { kind: 'mean', count: 3, sum: 2_400, sumOfSquares: 1_920_000 },
    })
    expect(
      await stage.source.counts(metric('scalar', { query: 'percentile(duration, 95)' }), BOTH, window),
    ).toMatchObject({ candidate: { kind: 'scalar', value: 0.4 } })
  })

  it.each([`a"b{{x}}\\`, `it's`, `\\' OR slot = 'blue`, "') OR (slot = 'blue"])(
    'select a slot of any name, and only it: %s',
    async (slot) => {
      const window = stage.serve({ [slot]: { good: 4, bad: 1 }, blue: { good: 100, bad: 0 } })
      const by = { stable: undefined, candidate: { slot } }
      for (const written of ["slot = '{{slot}}'", 'slot = {{slot}}']) {
        const named = metric('share', { where: written, bad: "httpResponseCode >= '500'" })
        expect(await stage.source.counts(named, by, window)).toMatchObject({
          candidate: { requests: 5, bad: 1 },
        })
      }
    },
  )

  it('are no data where there were no requests', async () => {
    const window = stage.serve({})
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('newrelic has nothing of it'),
    })
  })

  it('fail where New Relic took another window than it was given', async () => {
    const window = stage.serve({ green: { good: 1, bad: 0 } })
    const failure = await failureOf(
      stage.source.counts(
        metric('share', { from: 'Metric', bad: "httpResponseCode >= '500'" }),
        BOTH,
        window,
      ),
    )
    expect(failure.message).toContain(
      'it counted from 2026-01-06T11:00:00.000Z to 2026-01-06T11:00:00.000Z instead of from 2026-01-06T11:00:10.000Z to 2026-01-06T11:00:20.000Z, as it was asked: set step: 60s',
    )
  })

  it('fail where New Relic does not say which window it took', async () => {
    const window = stage.serve({})
    const container = { results: [{ requests: 2, bad: 0 }], metadata: { messages: [] } }
    stage.double.instead(jsonReply({ data: { actor: { account: { q0: container, q1: container } } } }))
    const { message } = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(message).toContain('it does not say that it counted from 2026-01-06T11:00:10.000Z')
  })

  it('are asked for again where New Relic is busy or broken', async () => {
    const window = stage.serve({ green: { good: 7, bad: 0 } })
    stage.double.instead(
      { status: 429, body: 'slow down' },
      { status: 502, body: '<html><title>Bad gateway</title>' },
    )
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({ candidate: { requests: 7 } })
    expect(stage.double.asked).toHaveLength(3)
  })

  it('fail with what New Relic says with status 200', async () => {
    const window = stage.serve({})
    const wrong = await failureOf(stage.source.counts(metric('share', { bad: 'nonsense' }), BOTH, window))
    expect(wrong).toBeInstanceOf(UserError)
    expect(wrong.message).toMatch(/^newrelic at http:\S+: "NRQL Syntax Error: .*unexpected/)
    stage.double.instead(graphqlError('NRQL query timed out', 'TIMEOUT'))
    const late = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(late).toBeInstanceOf(TransientError)
    expect(late.message).toContain('"NRQL query timed out"')
    stage.double.instead(jsonReply({ data: { actor: { account: null } } }))
    expect(await failureOf(stage.source.counts(errors, BOTH, window))).toMatchObject({
      message: expect.stringContaining('there are no results of query 1'),
    })
    const facets = { results: [{ facet: 'a' }, { facet: 'b' }] }
    stage.double.instead(jsonReply({ data: { actor: { account: { q0: facets, q1: facets } } } }))
    expect(await failureOf(stage.source.counts(errors, BOTH, window))).toMatchObject({
      hint: expect.stringContaining('Leave FACET and TIMESERIES out'),
    })
  })

  it('come with what New Relic remarks, told once', async () => {
    const window = stage.serve({})
    const { fromMs: begin, toMs: end } = window
    const container = {
      results: [{ requests: 2, bad: 0 }],
      metadata: { messages: ['data were sampled'], timeWindow: { begin, end } },
    }
    const reply = jsonReply({ data: { actor: { account: { q0: container, q1: container } } } })
    stage.double.instead(reply, reply)
    for (const _ of [1, 2]) await stage.source.counts(errors, BOTH, window)
    expect(stage.warned).toEqual([expect.stringMatching(/^newrelic at http:\S+: "data were sampled"$/)])
  })
})

describe('settings of New Relic', () => {
  afterEach(() => stage.close())

  it.each([
    [{ apiKey: 'NRAK-WRONGWRONGWRONGWRONG' }, 'answered 401: "The API key provided is invalid or missing."'],
    [{ accountId: 999 }, '"Account is not visible to this user"'],
  ])('that are refused are told with a hint, and without the key: %j', async (settings, said) => {
    await open(settings)
    const window = stage.serve({ green: { good: 1, bad: 0 } })
    const failure = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(failure).toMatchObject({
      message: expect.stringContaining(said),
      hint: expect.stringContaining('Look at api-key, account-id and region'),
    })
    const key = 'apiKey' in settings ? settings.apiKey : NewRelicDouble.key
    stage.double.instead(graphqlError(`no user has ${key}`, 'ACCESS_DENIED'))
    expect(await failureOf(stage.source.counts(errors, BOTH, window))).toMatchObject({
      message: expect.stringMatching(/: "no user has \*\*\*"$/),
    })
  })

  it('name an account, and a region that has its own address', async () => {
    await open()
    const context = {
      clock: stage.clock,
      signal: new AbortController().signal,
      service: 's',
      warn: () => undefined,
    }
    const given = { accountId: Number.NaN, apiKey: 'NRAK-1' }
    expect(() => openNewRelic(given, context)).toThrow('account-id is NaN; allowed: the number of an account')
    expect(openNewRelic({ ...given, accountId: 1, region: 'eu' }, context)).toMatchObject({ lagMs: 120_000 })
  })
})

describe('a metric of New Relic', () => {
  beforeEach(() => open())
  afterEach(() => stage.close())

  it.each<[MetricQuery, string]>([
    [metric('share'), 'bad is missing, by which newrelic counts a share'],
    [metric('share', { where: '`{{slot}}` = 1', bad: 'x = 1' }), 'stands in the name of an attribute'],
    [metric('latency', { where: 'slot = {{slto}}' }), '{{slto}} in the query slot = {{slto}} is unknown'],
  ])('is refused before anything is asked: %j', async (wrong, said) => {
    const failure = await failureOf(stage.source.counts(wrong, BOTH, { fromMs: 0, toMs: 60_000 }))
    expect(failure.message).toContain(said)
    expect(stage.double.asked).toEqual([])
  })
})
