import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { MetricQuery, MetricSource } from '../../../src/rollout/ports/metric-source.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { openWeb } from '../../../src/metrics/web/web.js'
import { VirtualClock } from '../../memory/virtual-clock.js'
import { json, ScriptedServer, text, type Reply } from '../http/scripted-server.js'

const WINDOW = { fromMs: Date.UTC(2026, 0, 6, 11), toMs: Date.UTC(2026, 0, 6, 11, 0, 30) }
const PATH = '/stats/{{slot}}?from={{from}}&to={{to}}'
const candidate = { slot: 'green' }

let server: ScriptedServer
/** What each slot answers. */
let answers: Record<string, unknown>
let reply: Reply
let source: MetricSource

beforeEach(async () => {
  answers = {}
  reply = (response, seen) => {
    const slot = new URL(seen.url, 'http://x').pathname.split('/').at(-1) ?? ''
    json(answers[decodeURIComponent(slot)] ?? {}, 200, { date: 'Tue, 06 Jan 2026 11:05:00 GMT' })(
      response,
      seen,
    )
  }
  server = new ScriptedServer([(response, seen) => reply(response, seen)])
  const url = await server.listen()
  source = openWeb(
    { url: `${url}/api`, bearer: 'token-token' },
    {
      clock: new VirtualClock(),
      signal: new AbortController().signal,
      service: 'shop',
      warn: () => undefined,
    },
  )
})
afterEach(() => server.close())

const share = (settings: Record<string, unknown> = {}): MetricQuery => ({
  name: 'errors',
  kind: 'share',
  settings: { path: PATH, requests: '$.requests', bad: '$.errors', ...settings },
})
const by = { stable: { slot: 'blue' }, candidate }
const reading = (
  metric: MetricQuery,
  sides: Parameters<MetricSource['counts']>[1] = { stable: undefined, candidate },
) => source.counts(metric, sides, WINDOW)

describe('JSON over HTTP as a source of metrics', () => {
  it('counts both slots in the same window', async () => {
    answers = { green: { requests: 50, errors: 3 }, blue: { requests: 950, errors: 1 } }
    expect(await reading(share(), by)).toEqual({
      kind: 'samples',
      stable: { kind: 'share', requests: 950, bad: 1 },
      candidate: { kind: 'share', requests: 50, bad: 3 },
    })
    const times = 'from=2026-01-06T11%3A00%3A00.000Z&to=2026-01-06T11%3A00%3A30.000Z'
    expect(server.seen.map(({ url }) => url).sort()).toEqual([
      `/api/stats/blue?${times}`,
      `/api/stats/green?${times}`,
    ])
    expect(server.seen[0]?.headers.authorization).toBe('Bearer token-token')
  })

  it('escapes what it fills in, for addresses and for JSON paths', async () => {
    const slot = 'a/b ?&=#"\''
    answers = { [slot]: { by: { [slot]: { n: 8 } }, errors: 0 } }
    const path = 'x/{{from-s}}-{{to-ms}}/{{slot}}'
    for (const requests of ['$.by["{{slot}}"].n', "$.by['{{slot}}'].n"]) {
      expect(
        await reading(share({ path, requests }), { stable: undefined, candidate: { slot } }),
      ).toMatchObject({
        candidate: { requests: 8, bad: 0 },
      })
    }
    expect(server.seen[0]?.url).toBe(`/api/x/1767697200-1767697230000/${encodeURIComponent(slot)}`)
    const up = reading(share(), { stable: undefined, candidate: { slot: '..' } })
    await expect(up).rejects.toThrow(/is no name in an address/)
    await expect(reading(share({ bad: '$.{{slot}}' }))).rejects.toThrow(/stands outside of quotes/)
    await expect(reading(share({ path: '/{{pod}}?{{from}}{{to}}' }))).rejects.toThrow(
      /known: .*\{\{slot\}\}.*\{\{from\}\}/,
    )
  })

  it('adds up what a path finds, and takes nothing for 0 only where there may be nothing', async () => {
    answers = {
      green: {
        codes: [
          { c: 200, n: 5 },
          { c: 503, n: '2' },
        ],
      },
    }
    const bad = (path: string) => reading(share({ requests: '$.codes[*].n', bad: path }))
    expect(await bad('$.codes[?@.c>=500].n')).toMatchObject({ candidate: { requests: 7, bad: 2 } })
    expect(await bad('$.codes[?@.c==501].n')).toMatchObject({ candidate: { requests: 7, bad: 0 } })
    await expect(bad('$.codes[7].n')).rejects.toThrow(
      /metric errors .*: \$\.codes\[7\]\.n is not in the answer/,
    )
    await expect(bad('$.codes')).rejects.toThrow(/which is no number/)
    answers = { green: { requests: 5, errors: 'my token-token' } }
    await expect(bad('$.errors')).rejects.toThrow(/\$\.errors is "my \*\*\*", which is no number/)
    await expect(bad('codes')).rejects.toThrow(/codes cannot be read/)
  })

  it('says nothing where nothing was counted, or nothing that can be true', async () => {
    answers = { green: { requests: 0, errors: 0 } }
    expect(await reading(share())).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('web has nothing'),
    })
    answers = { green: { requests: 2, errors: 3 } }
    expect(await reading(share())).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('3 bad of 2'),
    })
  })

  it('reads histograms, with edges of the answer or of the metric', async () => {
    answers = { green: { edges: [0.07, 0.1, 1], counts: [4, 3, 2, 1] } }
    const latency = (settings: Record<string, unknown>): MetricQuery => ({
      name: 'p95',
      kind: 'latency',
      settings: { path: PATH, buckets: '$.counts[*]', ...settings },
    })
    const sample = { kind: 'latency', edgesMs: [70, 100, 1_000], counts: [4, 3, 2, 1] }
    expect(await reading(latency({ edges: '$.edges[*]' }))).toMatchObject({ candidate: sample })
    expect(await reading(latency({ edges: [70, 100, 1_000] }))).toMatchObject({ candidate: sample })
    expect(await reading(latency({ edges: [70, 100] }))).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('4 buckets with 2 edges'),
    })
    answers = { green: { edges: [2, 1, 3], counts: [4, 3, 2, 1] } }
    expect(await reading(latency({ edges: '$.edges[*]', unit: 'ms' }))).toMatchObject({
      why: expect.stringContaining('edges do not rise: 2, 1, 3 ms'),
    })
  })

  it('reads means and single numbers', async () => {
    answers = { green: { n: 4, sum: 10, squares: 30, load: 0.75, none: null } }
    const mean = { path: PATH, values: '$.n', sum: '$.sum', squares: '$.squares' }
    expect(await reading({ name: 'basket', kind: 'mean', settings: mean })).toMatchObject({
      candidate: { kind: 'mean', count: 4, sum: 10, sumOfSquares: 30 },
    })
    const scalar = (value: string) =>
      reading({ name: 'load', kind: 'scalar', settings: { path: '/{{slot}}', value } })
    expect(await scalar('$.load')).toMatchObject({ candidate: { kind: 'scalar', value: 0.75 } })
    expect(await scalar('$.none')).toMatchObject({ kind: 'no-data' })
    await expect(scalar('$.*')).rejects.toThrow(/which is no number|finds \d numbers instead of one/)
  })

  it('remembers what the server remembers', async () => {
    answers = { blue: { requests: 10, errors: 1 } }
    const past = await source.history?.(share(), { slot: 'blue' }, WINDOW, 10_000)
    expect(past).toHaveLength(3)
    expect(past?.[0]).toEqual({
      fromMs: WINDOW.fromMs,
      toMs: WINDOW.fromMs + 10_000,
      sample: { kind: 'share', requests: 10, bad: 1 },
    })
  })

  it('goes by the clock of the server, where it is another', async () => {
    answers = { green: { requests: 1, errors: 0 } }
    await reading(share())
    expect(await source.now?.()).toEqual(new Date('2026-01-06T11:05:00Z'))
  })

  it.each([
    [share({ path: '/stats' }), /path is "\/stats"; allowed: a path that names both ends of the window/],
    [share({ path: '/stats?from={{from}}' }), /allowed: a path that names both ends of the window/],
    [share({ path: '/stats?to={{ to-s }}' }), /allowed: a path that names both ends of the window/],
    [share({ path: undefined }), /path is missing/],
    [share({ bad: undefined }), /bad is missing/],
  ])('refuses settings that cannot work: %#', async (metric, told) => {
    await expect(reading(metric)).rejects.toThrow(told)
    expect(server.seen).toHaveLength(0)
  })

  it('says what answered instead of JSON', async () => {
    reply = text('<!doctype html><title>Log in</title>', 200, { 'content-type': 'text/html' })
    await expect(reading(share())).rejects.toThrow(UserError)
    await expect(reading(share())).rejects.toThrow(/answered with "a web page, Log in" instead of JSON/)
  })
})
