import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openMetrics, type MetricsSurroundings } from '../../src/actions/wiring-metrics.js'
import type { MetricSource } from '../../src/rollout/ports/metric-source.js'
import { Masks } from '../../src/workflow/masks.js'
import { LEAST, load } from '../config/given.js'
import { VirtualClock } from '../memory/virtual-clock.js'

const BY = { stable: { slot: 'blue' }, candidate: { slot: 'green' } }
const BEGAN = Date.UTC(2026, 0, 6, 11)

const local: MetricSource = {
  name: 'local',
  lagMs: 0,
  stepMs: 1_000,
  counts: () => Promise.resolve({ kind: 'no-data', why: 'asked of the local router' }),
}

/** A request that the server has got. */
interface Got {
  readonly path: string
  readonly authorization: string | undefined
}

describe('the sources of a config', () => {
  let server: Server
  let url: string
  let got: Got[]
  let masks: Masks
  let masked: string[]

  beforeEach(async () => {
    got = []
    masked = []
    masks = new Masks((value) => masked.push(value))
    // Statistics as somebody might have written them: two numbers for each slot.
    server = createServer((request: IncomingMessage, response) => {
      got.push({ path: request.url ?? '', authorization: request.headers.authorization })
      const known = /^\/stats\?slot=(?:blue|green)&token=t0ken-of-stats&from=\d+&to=\d+$/.test(
        request.url ?? '',
      )
      response.statusCode = known ? 200 : 404
      response.setHeader('content-type', 'application/json')
      response.end(known ? '{"all":1000,"wrong":3}' : '{"error":"no such page"}')
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => new Promise((closed) => server.close(closed)))

  async function opened(analysis: string, env: Record<string, string>): Promise<MetricSource> {
    const { metrics = [] } = await load(`${LEAST}analysis: ${analysis}\n`, {
      env: { HOME: '/home/runner', ...env },
    })
    const surroundings: MetricsSurroundings = {
      local,
      context: {
        clock: new VirtualClock(BEGAN),
        signal: new AbortController().signal,
        service: 'shop',
        warn: () => undefined,
      },
      onSecret: (name, value) => masks.add(name, value),
    }
    return openMetrics(metrics, surroundings)
  }

  it('are asked with what the environment says, which is masked before anybody has it', async () => {
    const web = '{ web: { url: "${STATS_URL}", bearer: "${STATS_BEARER}" } }'
    const metrics =
      "{ errors: { path: '/stats?slot={{slot}}&token=${STATS_TOKEN}&from={{from-s}}&to={{to-s}}', requests: $.all, bad: $.wrong } }"
    const source = await opened(`{ source: ${web}, metrics: ${metrics} }`, {
      STATS_URL: url,
      STATS_BEARER: 'bearer-of-stats',
      STATS_TOKEN: 't0ken-of-stats',
    })
    expect(got).toEqual([])
    expect(masked.sort()).toEqual(['bearer-of-stats', 't0ken-of-stats'])
    const window = { fromMs: BEGAN, toMs: BEGAN + 10_000 }
    expect(await source.counts({ name: 'errors', kind: 'share' }, BY, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'share', requests: 1_000, bad: 3 },
      candidate: { kind: 'share', requests: 1_000, bad: 3 },
    })
    expect(got.map(({ path }) => path).sort()).toEqual([
      '/stats?slot=blue&token=t0ken-of-stats&from=1767697200&to=1767697210',
      '/stats?slot=green&token=t0ken-of-stats&from=1767697200&to=1767697210',
    ])
    expect(new Set(got.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer bearer-of-stats']),
    )
  })

  it('count each its own metrics, the local router among them', async () => {
    const source = await opened(
      `{ sources: { stats: { web: { url: "${url}" } } }, source: local, metrics: { errors: , sold: { source: stats, path: '/stats?slot={{slot}}&token=t0ken-of-stats&from={{from-s}}&to={{to-s}}', value: $.all, limit: 5, worse: lower } } }`,
      {},
    )
    const window = { fromMs: BEGAN, toMs: BEGAN + 10_000 }
    expect(await source.counts({ name: 'errors', kind: 'share' }, BY, window)).toEqual({
      kind: 'no-data',
      why: 'asked of the local router',
    })
    expect(await source.counts({ name: 'sold', kind: 'scalar' }, BY, window)).toMatchObject({
      candidate: { kind: 'scalar', value: 1_000 },
    })
    expect([source.lagMs, source.stepMs]).toEqual([10_000, 10_000])
  })

  it.each([
    ['prometheus', '{ prometheus: { url: "http://p", preset: traefik } }', '[errors]'],
    [
      'datadog',
      '{ datadog: { api-key: "${A}", application-key: "${B}" } }',
      '[{ name: errors, requests: "a{{slot}}", bad: "b{{slot}}" }]',
    ],
    [
      'cloudwatch',
      '{ cloudwatch: { region: eu-central-1 } }',
      '[{ name: errors, dimensions: { TargetGroup: "{{slot}}" } }]',
    ],
    [
      'newrelic',
      '{ newrelic: { account-id: 1, api-key: "${A}" } }',
      '[{ name: errors, where: "a = {{slot}}", bad: b }]',
    ],
    [
      'graphite',
      '{ graphite: { url: "http://g" } }',
      '[{ name: errors, requests: "a{{slot}}", bad: "b{{slot}}" }]',
    ],
    [
      'influxdb',
      '{ influxdb: { url: "http://i", org: o, token: "${A}" } }',
      '[{ name: errors, requests: "a{{slot}}", bad: "b{{slot}}" }]',
    ],
    [
      'web',
      '{ web: { url: "http://w" } }',
      '[{ name: errors, path: "/{{slot}}/{{from}}/{{to}}", requests: $.a, bad: $.b }]',
    ],
  ])('are opened by their kind: %s', async (kind, source, metrics) => {
    const env = {
      A: 'key-number-1',
      B: 'key-number-2',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'x',
    }
    expect((await opened(`{ source: ${source}, metrics: ${metrics} }`, env)).name).toBe(kind)
  })

  it('are not opened without the certificates that they name, of which the path may not be shown', async () => {
    const tls = '{ ca: "${CA}" }'
    const source = `{ sources: { main: { prometheus: { url: "https://p", preset: traefik, tls: ${tls} } } } }`
    await expect(opened(source, { CA: '/nowhere/ca.pem' })).rejects.toThrow(
      'main (prometheus): tls.ca is neither PEM text nor a file that can be read (ENOENT)',
    )
    expect(got).toEqual([])
  })

  it('are called as the file calls them, so that one can tell two of a kind apart', async () => {
    const closed = 'http://127.0.0.1:1'
    const two = `{ main: { prometheus: { url: "${closed}", patience: 100ms } }, sales: { prometheus: { url: "${closed}/sales", patience: 100ms } } }`
    const source = await opened(
      `{ sources: ${two}, source: main, metrics: { errors: { requests: 'a{slot="{{slot}}"}', bad: 'b{slot="{{slot}}"}' }, sold: { source: sales, query: c, limit: 5 } } }`,
      {},
    )
    const window = { fromMs: BEGAN, toMs: BEGAN + 60_000 }
    expect(source.name).toBe('main (prometheus) and sales (prometheus)')
    await expect(source.counts({ name: 'errors', kind: 'share' }, BY, window)).rejects.toThrow(
      /^main \(prometheus\) at http:\/\/127\.0\.0\.1:1: the connection was refused/,
    )
    await expect(source.counts({ name: 'sold', kind: 'scalar' }, BY, window)).rejects.toThrow(
      /^sales \(prometheus\) at http:\/\/127\.0\.0\.1:1\/sales: the connection was refused/,
    )
  })

  it('are not opened for want of a variable', async () => {
    const source = '{ prometheus: { url: "http://p", bearer: "${TOKEN}", preset: traefik } }'
    await expect(opened(`{ source: ${source} }`, {})).rejects.toThrow(
      /^\.github\/rollout\.yml:3:62: analysis\.source\.prometheus\.bearer: TOKEN is empty or not set/,
    )
  })
})
