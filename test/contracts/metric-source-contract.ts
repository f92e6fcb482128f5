import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { requestsOf } from '../../src/rollout/evidence/figures.js'
import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
} from '../../src/rollout/ports/metric-source.js'
import type { Selector } from '../../src/rollout/ports/platform.js'
import type { Passing } from './patience.js'

/** A source that counts two sides, and traffic of which a test knows the figures. */
export interface MetricSourceHarness extends Passing {
  readonly source: MetricSource
  readonly stable: Selector
  readonly candidate: Selector
  /** Windows are cut to whole multiples of this; 1 where they are not cut. */
  readonly resolutionMs: number
  readonly errors: MetricQuery
  readonly latency: MetricQuery
  /** Has a side answer so many requests, of which so many with a 500, each taking about so long; resolves when all are answered. */
  traffic(
    side: 'stable' | 'candidate',
    requests: { readonly good: number; readonly bad: number; readonly ms: number },
  ): Promise<void>
  dispose(): Promise<void>
}

/** What every source of metrics must do. */
export function describeMetricSource(name: string, makeHarness: () => Promise<MetricSourceHarness>): void {
  describe(`${name} as a metric source`, () => {
    let harness: MetricSourceHarness
    let source: MetricSource
    beforeEach(async () => {
      harness = await makeHarness()
      source = harness.source
    })
    afterEach(() => harness.dispose())

    const now = async (): Promise<number> => ((await source.now?.()) ?? new Date()).getTime()
    const both = () => ({ stable: harness.stable, candidate: harness.candidate })
    /** Goes on to the beginning of the next piece of time that the source tells apart. */
    const cut = async (): Promise<number> => {
      const { resolutionMs } = harness
      await harness.pass(resolutionMs - ((await now()) % resolutionMs) + 5)
      return now()
    }
    /** The window of what happens in `during`, when the source says that its counts are complete. */
    const around = async (during: () => Promise<void>): Promise<MetricWindow> => {
      const fromMs = await cut()
      await during()
      const toMs = await cut()
      await harness.pass(source.lagMs)
      return { fromMs, toMs }
    }
    const samples = (reading: MetricReading) => {
      if (reading.kind === 'no-data') throw new Error(`no data: ${reading.why}`)
      return reading
    }

    it('says what it is and how long its counts take', () => {
      expect(source.name).toMatch(/\S/)
      expect(source.lagMs).toBeGreaterThanOrEqual(0)
    })

    it('counts requests and bad ones of each side, to the last one', async () => {
      const window = await around(async () => {
        await harness.traffic('stable', { good: 30, bad: 1, ms: 1 })
        await harness.traffic('candidate', { good: 10, bad: 5, ms: 1 })
      })
      expect(samples(await source.counts(harness.errors, both(), window))).toEqual({
        kind: 'samples',
        stable: { kind: 'share', requests: 31, bad: 1 },
        candidate: { kind: 'share', requests: 15, bad: 5 },
      })
    })

    it('answers the same for the same window, however often it is asked', async () => {
      const window = await around(() => harness.traffic('candidate', { good: 7, bad: 2, ms: 1 }))
      const once = await source.counts(harness.errors, both(), window)
      await harness.traffic('candidate', { good: 3, bad: 3, ms: 1 })
      expect(await source.counts(harness.errors, both(), window)).toEqual(once)
    })

    it('loses and doubles nothing between windows side by side', async () => {
      const cuts = [await cut()]
      for (let windows = 0; windows < 3; windows++) {
        await harness.traffic('candidate', { good: 20, bad: 0, ms: 1 })
        // Not where the source would cut, but anywhere.
        await harness.pass(harness.resolutionMs * 0.37)
        cuts.push(windows === 2 ? await cut() : await now())
      }
      await harness.pass(source.lagMs)
      const counted = await Promise.all(
        [0, 1, 2].map(async (i) => {
          const window = { fromMs: cuts[i] ?? 0, toMs: cuts[i + 1] ?? 0 }
          const { candidate } = samples(await source.counts(harness.errors, both(), window))
          return candidate?.kind === 'share' ? candidate.requests : 0
        }),
      )
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(60)
    })

    it('puts each request into the right place of a histogram', async () => {
      const window = await around(async () => {
        await harness.traffic('stable', { good: 20, bad: 0, ms: 1 })
        await harness.traffic('candidate', { good: 20, bad: 0, ms: 200 })
      })
      const { stable, candidate } = samples(await source.counts(harness.latency, both(), window))
      if (stable?.kind !== 'latency' || candidate?.kind !== 'latency')
        throw new Error('these are no latencies')
      for (const { edgesMs, counts } of [stable, candidate]) {
        expect(counts).toHaveLength(edgesMs.length + 1)
        expect([...edgesMs].sort((one, other) => one - other)).toEqual(edgesMs)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20)
      }
      const slower = candidate.edgesMs.findIndex((edge) => edge >= 200)
      expect(candidate.counts.slice(0, slower).reduce((sum, count) => sum + count, 0)).toBe(0)
      const quick = stable.counts.slice(0, slower).reduce((sum, count) => sum + count, 0)
      expect(quick).toBeGreaterThan(15)
    })

    it('speaks of the candidate alone where nothing is stable yet', async () => {
      const window = await around(() => harness.traffic('candidate', { good: 5, bad: 0, ms: 1 }))
      const by = { stable: undefined, candidate: harness.candidate }
      expect(samples(await source.counts(harness.errors, by, window))).toEqual({
        kind: 'samples',
        stable: undefined,
        candidate: { kind: 'share', requests: 5, bad: 0 },
      })
    })

    it('says of the past, if it remembers any, what it would say of the same windows now', async () => {
      const history = source.history?.bind(source)
      if (history === undefined) return
      const blockMs = Math.max(1_000, harness.resolutionMs)
      const window = await around(async () => {
        await harness.traffic('stable', { good: 12, bad: 1, ms: 1 })
        await harness.pass(blockMs)
        await harness.traffic('stable', { good: 8, bad: 3, ms: 1 })
      })
      const longer = { fromMs: window.fromMs - 2 * blockMs, toMs: window.toMs }
      for (const metric of [harness.errors, harness.latency]) {
        const past = await history(metric, harness.stable, longer, blockMs)
        expect(past.length).toBeGreaterThan(1)
        let endMs = longer.fromMs - harness.resolutionMs
        for (const { sample, ...block } of past) {
          expect(block.fromMs).toBeGreaterThanOrEqual(endMs)
          expect(block.toMs).toBeLessThanOrEqual(longer.toMs)
          expect(sample).toEqual(samples(await source.counts(metric, both(), block)).stable)
          endMs = block.toMs
        }
        expect(past.reduce((sum, { sample }) => sum + requestsOf(sample), 0)).toBe(24)
      }
    })

    it('never takes silence for good answers', async () => {
      const window = await around(() => Promise.resolve())
      const reading = await source.counts(harness.errors, both(), window)
      if (reading.kind === 'no-data') expect(reading.why).toMatch(/\S/)
      else expect([undefined, { kind: 'share', requests: 0, bad: 0 }]).toContainEqual(reading.candidate)
    })
  })
}
