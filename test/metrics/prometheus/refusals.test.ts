import { afterEach, describe, expect, it } from '@jest/globals'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { CANDIDATE, ERRORS, OpenedPrometheus, requests, type Opening } from './opened-prometheus.js'
import type { Trouble } from './prometheus-double.js'

const opened: OpenedPrometheus[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function open(opening?: Opening): Promise<OpenedPrometheus> {
  const one = await OpenedPrometheus.open(opening)
  opened.push(one)
  return one
}

/** What a look at errors is refused with. */
async function refusal(prometheus: OpenedPrometheus): Promise<UserError | TransientError> {
  try {
    await prometheus.candidate(ERRORS, 0, 10)
  } catch (thrown) {
    if (thrown instanceof UserError || thrown instanceof TransientError) return thrown
    throw thrown
  }
  throw new Error('nothing was refused')
}

const error = (status: number, errorType: string, error: string): Trouble => ({
  status,
  body: JSON.stringify({ status: 'error', errorType, error }),
})

const success = (data: unknown, more: object = {}): Trouble => ({
  status: 200,
  body: JSON.stringify({ status: 'success', data, ...more }),
})

describe('Prometheus that does not answer as it should', () => {
  it('refuses a query that it does not understand, in its own words', async () => {
    const prometheus = await open()
    const metric = { ...ERRORS, settings: { ...ERRORS.settings, requests: 'http_requests_total{slot}' } }
    const asked = prometheus.candidate(metric, 0, 10)
    await expect(asked).rejects.toThrow(
      /^metric errors: refused, bad_data: invalid parameter "query": 1:1: parse error: .*, for http_requests_total\{slot\}\[13s\] \(prometheus at http/,
    )
    await expect(asked).rejects.toMatchObject({ hint: expect.stringContaining('web page of Prometheus') })
  })

  it('refuses a query that it cannot run', async () => {
    const prometheus = await open()
    const trouble = error(
      422,
      'execution',
      'query processing would load too many samples into memory in query execution',
    )
    prometheus.double.troubles.push(trouble, trouble)
    expect(await refusal(prometheus)).toMatchObject({
      message: expect.stringContaining('refused, execution: query processing would load too many samples'),
      hint: expect.stringContaining('make the selector narrower'),
    })
  })

  it('times out now and then', async () => {
    const prometheus = await open({ startedS: 0 })
    prometheus.scrape(5, requests(3))
    prometheus.double.troubles.push(error(503, 'timeout', 'query timed out in expression evaluation'))
    expect(await prometheus.candidate(ERRORS, 0, 10)).toMatchObject({ candidate: { requests: 3 } })
  })

  it('times out for good', async () => {
    const prometheus = await open()
    for (let tries = 0; tries < 10; tries++)
      prometheus.double.troubles.push(error(503, 'timeout', 'query timed out'))
    const refused = await refusal(prometheus)
    expect(refused).toBeInstanceOf(TransientError)
    expect(refused.message).toMatch(/answered 503: "query timed out" \(5 tries\)$/)
  })

  it('wants to know who asks, and never shows it', async () => {
    const prometheus = await open({ bearer: 'wrong-token-0' })
    prometheus.double.authorization = 'Bearer the-right-token'
    expect(await refusal(prometheus)).toMatchObject({
      message: expect.stringMatching(
        /^prometheus at http:\/\/127\.0\.0\.1:\d+ answered 401: "Unauthorized"$/,
      ),
      hint: expect.stringContaining('Set the credentials'),
    })
    const right = await open({ startedS: 0, basic: { username: 'me', password: 'open sesame' } })
    right.double.authorization = `Basic ${btoa('me:open sesame')}`
    right.scrape(5, requests(3))
    expect(await right.candidate(ERRORS, 0, 10)).toMatchObject({ candidate: { requests: 3 } })
  })

  it.each([
    [success({ resultType: 'scalar', result: [1, '1'] }), /gave a scalar instead of series/],
    [success({ resultType: 'a\n::error::b', result: [] }), /gave a a : :error: :b instead of series/],
    [success({ resultType: 'string', result: [1, 'x'] }), /gave a string instead of series/],
    [success({ resultType: 'vector', result: [] }), /gave a vector instead of series/],
    [
      success({
        resultType: 'matrix',
        result: [{ metric: {}, histograms: [[1, { count: '1', sum: '1' }]] }],
      }),
      /gave native histograms, for http_requests_total/,
    ],
    [{ status: 200, body: '{"hits":[]}' }, /answered with JSON that is not Prometheus's/],
    [{ status: 200, body: 'OK' }, /answered with "OK" instead of JSON/],
    [
      {
        status: 200,
        body: '<!doctype html><title>Grafana</title>',
        headers: { 'content-type': 'text/html' },
      },
      /answered with "a web page, Grafana" instead of JSON/,
    ],
    [{ status: 404, body: '404 page not found' }, /answered 404: "404 page not found"/],
    [error(400, 'bad_data', 'x'.repeat(5_000)), /refused, bad_data: x{100,300}…/],
  ])('is told in one line: %#', async (trouble, told) => {
    const prometheus = await open()
    prometheus.double.troubles.push(trouble, trouble)
    const refused = await refusal(prometheus)
    expect(refused).toBeInstanceOf(UserError)
    expect(refused.message).toMatch(told)
    expect(refused.message).not.toMatch(/\n/)
  })

  it('warns, which is passed on once', async () => {
    const prometheus = await open({ startedS: 0 })
    prometheus.scrape(5, requests(3))
    prometheus.double.warnings = ['store gateway-2 did not answer']
    for (let looks = 0; looks < 3; looks++) await prometheus.candidate(ERRORS, 0, 10)
    expect(prometheus.warnings).toEqual([
      expect.stringMatching(/^prometheus at http\S+ warns: store gateway-2 did not answer$/),
    ])
  })

  it('does not know the time', async () => {
    const prometheus = await open()
    prometheus.double.data.set('time()', { resultType: 'scalar', result: [1, 'NaN'] })
    await expect(prometheus.source.now?.()).rejects.toThrow(/its time: gave no time, for time\(\)/)
  })

  it('is not there', async () => {
    const prometheus = await open()
    await prometheus.close()
    expect(await refusal(prometheus)).toBeInstanceOf(TransientError)
  })
})

describe('a metric that cannot be asked for', () => {
  const sides = { stable: undefined, candidate: CANDIDATE }
  it.each([
    [
      { requests: 'sum(rate(x[1m]))', bad: 'x' },
      /requests is "sum\(rate\(x\[1m\]\)\)": it calls sum\(…\), which is more than a selector/,
    ],
    [{ requests: 'x', bad: 'x{a="b"}[5m]' }, /bad is .* looks back by \[5m\], which is more than a selector/],
    [{ requests: 'x or y', bad: 'x' }, /more than a selector/],
    [{ requests: 'x{a="}"} offset 5m', bad: 'x' }, /more than a selector/],
    [{ requests: 'x' }, /metric errors: prometheus wants requests and bad for kind share; bad is missing/],
    [{ requests: 'x', bad: ['y', 7] }, /bad is "": it is more than a selector/],
    [
      { requests: 'x', bad: 'y', buckets: 'z' },
      /prometheus has no buckets for kind share; allowed: requests, bad/,
    ],
    [{ requests: 'x{slot={{slot}}}', bad: 'y' }, /requests is .*: it has \{\{slot\}\} outside of quotes/],
    [{ requests: 'x{slot="{{slot}}"', bad: 'y' }, /it lacks a brace \}/],
    [
      { requests: 'x{pod=~"{{pods}}"}', bad: 'y' },
      /\{\{pods\}\} in the query .* is unknown; known: \{\{service\}\}, \{\{slot\}\}/,
    ],
  ])('is refused before anything is sent: %j', async (settings, told) => {
    const prometheus = await open({ startedS: 0 })
    const asked = prometheus.source.counts({ ...ERRORS, settings }, sides, prometheus.window(0, 1))
    await expect(asked).rejects.toThrow(UserError)
    await expect(asked).rejects.toThrow(told)
    expect(prometheus.double.asked).toEqual([])
  })

  it.each([
    'x',
    'x:y_total{}',
    'x{a="rate(}{"}',
    "x{a='b', c=~`d|e`}",
    '{__name__=~"x|y"}',
    '{"http.server", a="b"}',
  ])('is a selector: %s', async (selector) => {
    const prometheus = await open()
    prometheus.double.troubles.push(
      success({ resultType: 'matrix', result: [] }),
      success({ resultType: 'matrix', result: [] }),
    )
    const settings = { requests: selector, bad: selector }
    const reading = await prometheus.source.counts({ ...ERRORS, settings }, sides, prometheus.window(0, 1))
    expect(reading.kind).toBe('no-data')
  })
})
