import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { openPrometheus } from '../../../src/metrics/prometheus/prometheus.js'
import type {
  MetricQuery,
  MetricSource,
  MetricWindow,
  Sample,
} from '../../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { RUNNER_CLOCK } from '../../../src/workflow/runner-clock.js'
import { CountedPod, EDGES_MS, type Served } from './counted-pod.js'
import { RealPrometheus } from './real-prometheus.js'

const BLUE = { slot: 'blue' }
const GREEN = { slot: 'green' }

const ERRORS: MetricQuery = {
  name: 'errors',
  kind: 'share',
  settings: {
    requests: 'http_requests_total{slot="{{slot}}"}',
    bad: 'http_requests_total{slot="{{slot}}",code=~"5.."}',
  },
}
const LATENCY: MetricQuery = {
  name: 'latency-p95',
  kind: 'latency',
  settings: { buckets: 'http_request_duration_seconds_bucket{slot="{{slot}}"}' },
}

let stable: CountedPod
let candidate: CountedPod
/** One that starts only when a test wants it. */
let second: CountedPod
let prometheus: RealPrometheus
let source: MetricSource

beforeAll(async () => {
  stable = await CountedPod.create('blue', 'blue-0')
  candidate = await CountedPod.create('green', 'green-0')
  second = await CountedPod.create('green', 'green-1')
  await Promise.all([stable.start(), candidate.start()])
  prometheus = await RealPrometheus.start([stable, candidate, second], '1s')
  const began = new Date()
  source = openPrometheus(
    { url: prometheus.url, scrapeIntervalMs: 1_000 },
    {
      clock: RUNNER_CLOCK,
      signal: new AbortController().signal,
      service: 'shop',
      rolloutStarted: () => began,
      warn: (line) => {
        throw new Error(line)
      },
    },
  )
  await settled()
})
afterAll(async () => {
  await Promise.all([stable, candidate, second].map((pod) => pod.stop()))
  await prometheus.dispose()
})
afterEach(async () => {
  candidate.scrapable = true
  await second.stop()
})

/** Everything that was served before is stored: a target is scraped again only when its last scrape is. */
async function settled(...pods: readonly CountedPod[]): Promise<void> {
  await Promise.all((pods.length === 0 ? [stable, candidate] : pods).map((pod) => pod.scrapes(3)))
}

async function now(): Promise<number> {
  return (await source.now?.())?.getTime() ?? NaN
}

/** The window of what happens in `during`, when all of it is stored. */
async function around(during: () => Promise<void>): Promise<MetricWindow> {
  const fromMs = await now()
  await during()
  await settled()
  return { fromMs, toMs: await now() }
}

async function counted(
  metric: MetricQuery,
  window: MetricWindow,
): Promise<{ stable: Sample; candidate: Sample }> {
  const reading = await source.counts(metric, { stable: BLUE, candidate: GREEN }, window)
  if (reading.kind === 'no-data') throw new Error(`no data: ${reading.why}`)
  const { stable, candidate } = reading
  if (stable === undefined || candidate === undefined) throw new Error('one side was not counted')
  return { stable, candidate }
}

/** What was served since, as shares. */
function since(before: Served, { served }: CountedPod): { requests: number; bad: number } {
  return { requests: served.requests - before.requests, bad: served.bad - before.bad }
}

describe('counts from a real Prometheus', () => {
  it('are what the pods say they served, to the last request', async () => {
    const before = [stable.served, candidate.served] as const
    const window = await around(async () => {
      await Promise.all([stable.traffic(190, 2), candidate.traffic(17, 3)])
    })
    expect(await counted(ERRORS, window)).toEqual({
      stable: { kind: 'share', ...since(before[0], stable), pods: { 'blue-0': [192, 2] } },
      candidate: { kind: 'share', ...since(before[1], candidate), pods: { 'green-0': [20, 3] } },
    })
  })

  it('are complete as late as the source says, and not sooner than it must', async () => {
    const before = candidate.served
    const fromMs = await now()
    await candidate.traffic(25)
    await candidate.scrapes(1)
    const toMs = await now()
    // The next request of the time is the event that is waited for.
    while ((await now()) < toMs + source.lagMs) await candidate.scrapes(1)
    const reading = await source.counts(ERRORS, { stable: undefined, candidate: GREEN }, { fromMs, toMs })
    expect(reading).toMatchObject({ candidate: since(before, candidate) })
  })

  it('put each request into its bucket', async () => {
    const before = candidate.served
    const window = await around(async () => {
      await Promise.all([candidate.traffic(30), candidate.traffic(20, 0, 30), candidate.traffic(10, 5, 300)])
    })
    const counts = candidate.served.latencies.map((count, index) => count - (before.latencies[index] ?? 0))
    expect((await counted(LATENCY, window)).candidate).toEqual({
      kind: 'latency',
      edgesMs: EDGES_MS,
      counts,
      pods: { 'green-0': counts },
    })
    // Those that took 300 ms at least.
    expect(counts.slice(EDGES_MS.indexOf(500)).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(
      15,
    )
  })

  it('lose and double nothing in windows side by side, wherever these are cut', async () => {
    const before = [stable.served, candidate.served] as const
    const cuts = [await now()]
    for (let window = 0; window < 5; window++) {
      await Promise.all([stable.traffic(40, 1), candidate.traffic(7, 1)])
      await candidate.scrapes(1)
      cuts.push(await now())
    }
    await settled()
    cuts.push(await now())
    const sums = { stable: [0, 0], candidate: [0, 0] }
    for (const [index, fromMs] of cuts.slice(0, -1).entries()) {
      const window = await source.counts(
        ERRORS,
        { stable: BLUE, candidate: GREEN },
        { fromMs, toMs: cuts[index + 1] ?? 0 },
      )
      if (window.kind === 'no-data') throw new Error(window.why)
      for (const side of ['stable', 'candidate'] as const) {
        const sample = window[side]
        if (sample?.kind !== 'share') continue
        sums[side] = [(sums[side][0] ?? 0) + sample.requests, (sums[side][1] ?? 0) + sample.bad]
      }
    }
    const wanted = [since(before[0], stable), since(before[1], candidate)].map(({ requests, bad }) => [
      requests,
      bad,
    ])
    expect([sums.stable, sums.candidate]).toEqual(wanted)
  })

  it('go on over a restart in the middle of a bake', async () => {
    const before = candidate.served
    const window = await around(async () => {
      await candidate.traffic(30, 4)
      await settled()
      await candidate.stop()
      await candidate.start()
      await Promise.all([stable.traffic(10), candidate.traffic(11, 2)])
    })
    expect((await counted(ERRORS, window)).candidate).toMatchObject({
      ...since(before, candidate),
      requests: 47,
    })
  })

  it('have the first requests of a pod that comes late, and of a status that was never answered before', async () => {
    const before = candidate.served
    const window = await around(async () => {
      second.scrapable = false
      await second.start()
      await second.traffic(13, 1)
      second.scrapable = true
      await settled(second)
      await Promise.all([stable.traffic(5), candidate.traffic(2)])
    })
    expect(since(before, candidate)).toEqual({ requests: 2, bad: 0 })
    expect((await counted(ERRORS, window)).candidate).toEqual({
      kind: 'share',
      requests: 16,
      bad: 1,
      pods: { 'green-0': [2, 0], 'green-1': [14, 1] },
    })
  })

  it('are no data in a gap of the scrapes, and all there after it', async () => {
    const before = candidate.served
    const fromMs = await now()
    candidate.scrapable = false
    await candidate.scrapes(1)
    const gap = { fromMs: await now(), toMs: 0 }
    await candidate.traffic(21, 2)
    await candidate.scrapes(4)
    gap.toMs = await now()
    await stable.traffic(1)
    expect(await source.counts(ERRORS, { stable: BLUE, candidate: GREEN }, gap)).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('candidate: nothing was scraped of http_requests_total{slot="green"}'),
    })
    candidate.scrapable = true
    await settled()
    const [share] = [(await counted(ERRORS, { fromMs, toMs: await now() })).candidate]
    expect(share).toMatchObject(since(before, candidate))
  })

  it('remember what stable did before, as it was counted then', async () => {
    const windows: MetricWindow[] = []
    for (let block = 0; block < 2; block++) {
      windows.push(await around(() => stable.traffic(20 + block, block)))
    }
    const [first, last] = [windows[0], windows[1]]
    if (first === undefined || last === undefined) throw new Error('no windows')
    // Blocks end with the window, so that a whole one more is wanted before its beginning.
    const whole = { fromMs: first.fromMs - 1_000, toMs: last.toMs }
    const past = (await source.history?.(ERRORS, BLUE, whole, 1_000)) ?? []
    const shares = past.map(({ sample }) =>
      sample.kind === 'share' ? [sample.requests, sample.bad] : [NaN, NaN],
    )
    const sum = shares.reduce(
      ([all = 0, bad = 0], [more = 0, worse = 0]) => [all + more, bad + worse],
      [0, 0],
    )
    expect(past.length).toBeGreaterThan(3)
    expect(sum).toEqual([42, 1])
  })
})

describe('a real Prometheus that is away for a while', () => {
  /** How long, in seconds: `PROMETHEUS_AWAY_S=3` while one works on it. */
  const awayS = Number(process.env['PROMETHEUS_AWAY_S'] ?? 30)

  it(`for ${awayS} s is told as such, and what was served meanwhile is counted when it is back`, async () => {
    const before = [stable.served, candidate.served] as const
    const fromMs = await now()
    await Promise.all([stable.traffic(20), candidate.traffic(4)])
    await settled()
    await prometheus.vanish()
    const away = performance.now()
    const impatient = openPrometheus(
      { url: prometheus.url, scrapeIntervalMs: 1_000, patienceMs: 300 },
      { clock: RUNNER_CLOCK, signal: new AbortController().signal, service: 'shop', warn: () => undefined },
    )
    await expect(impatient.now?.()).rejects.toThrow(TransientError)
    while (performance.now() - away < awayS * 1_000) await candidate.traffic(5, 1)
    await stable.traffic(40, 2)
    // It comes back while it is asked.
    const patient = source.now?.()
    await prometheus.comeBack()
    expect((await patient)?.getTime()).toBeGreaterThan(fromMs)
    await settled()
    expect(await counted(ERRORS, { fromMs, toMs: await now() })).toMatchObject({
      stable: since(before[0], stable),
      candidate: since(before[1], candidate),
    })
  })
})

describe('what a real Prometheus refuses', () => {
  const refused = (metric: MetricQuery): Promise<unknown> =>
    source.counts(
      metric,
      { stable: BLUE, candidate: GREEN },
      { fromMs: Date.now() - 5_000, toMs: Date.now() },
    )
  const scalar = (query: string): MetricQuery => ({ name: 'load', kind: 'scalar', settings: { query } })

  it.each([
    [
      { ...ERRORS, settings: { requests: 'x{slot}', bad: 'x' } },
      /metric errors: refused, bad_data: .*parse error/,
    ],
    [scalar('sum(http_requests_total'), /metric load: refused, bad_data: .*unclosed left parenthesis/],
    [scalar('http_requests_total'), /gave \d+ series instead of one number/],
    [scalar('http_requests_total[5s]'), /gave a matrix instead of numbers/],
    [scalar('"text"'), /gave a string instead of numbers/],
    [{ ...LATENCY, settings: { buckets: 'http_requests_total{slot="{{slot}}"}' } }, /without the label le/],
  ])('is told in its words: %#', async (metric, told) => {
    await expect(refused(metric)).rejects.toThrow(told)
  })

  it('does not exist is no data', async () => {
    expect(await refused({ ...ERRORS, settings: { requests: 'no_such_total', bad: 'x' } })).toEqual({
      kind: 'no-data',
      why: 'candidate: no series match no_such_total',
    })
    expect(await refused(scalar('no_such_total'))).toMatchObject({ kind: 'no-data' })
    expect(await refused(scalar('scalar(no_such_total)'))).toMatchObject({
      why: 'candidate: scalar(no_such_total) gave NaN',
    })
  })

  it.each(['a"b', "a'b", 'a\\b', 'a`b', 'a{b}', 'a.*', '.+', 'é\u0001\n'])(
    'are no values that are filled in: %j',
    async (slot) => {
      const settings = {
        requests: "http_requests_total{slot='{{slot}}'}",
        bad: 'http_requests_total{slot=~"{{slot}}"}',
      }
      const by = { stable: undefined, candidate: { slot } }
      const reading = await source.counts({ ...ERRORS, settings }, by, {
        fromMs: Date.now() - 5_000,
        toMs: Date.now(),
      })
      expect(reading).toMatchObject({ kind: 'no-data', why: expect.stringContaining('no series match') })
    },
  )
})
