import { describe, expect, it } from '@jest/globals'
import { binomial, binomialOnce } from '../../bench/analysis/binomial.ts'
import { fineBuckets, latencyBlocks, localBuckets, medianMs } from '../../bench/analysis/latency-traffic.ts'
import { bucketDraw, normalQuantile, normalShare } from '../../bench/analysis/lognormal.ts'
import { randomFrom } from '../../bench/analysis/random.ts'
import { setting } from '../../bench/analysis/setting.ts'
import { errorsAmong, overlap, shareBlocks, type Weather } from '../../bench/analysis/share-traffic.ts'
import { readJudgedFile } from '../../src/replay/read-file.js'
import type { Block } from '../../src/rollout/ports/judge.js'
import type { LatencySample, ShareSample } from '../../src/rollout/ports/metric-source.js'

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
const variance = (values: readonly number[]): number =>
  mean(values.map((value) => value * value)) - mean(values) ** 2
const times = <T>(count: number, of: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => of(i))

const errorsOf = (blocks: readonly Block[], side: 'stable' | 'candidate'): ShareSample[] =>
  blocks.flatMap(({ metrics }) => (metrics['errors']?.[side] as ShareSample | undefined) ?? [])
const shareOf = (samples: readonly ShareSample[]): number =>
  mean(samples.map(({ bad }) => bad)) / mean(samples.map(({ requests }) => requests))

describe('random numbers', () => {
  it('are the same from the same text, and others from another', () => {
    const drawn = (text: string): number[] => {
      const random = randomFrom(text)
      return times(50, () => random.next())
    }
    expect(drawn('1 row 7')).toEqual(drawn('1 row 7'))
    expect(drawn('1 row 8')).not.toEqual(drawn('1 row 7'))
  })

  it('are even from 0 up to 1', () => {
    const random = randomFrom('even')
    const values = times(100_000, () => random.next())
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values.slice(0, 50_000))).toBeLessThan(1)
    expect(mean(values)).toBeCloseTo(0.5, 2)
    expect(variance(values)).toBeCloseTo(1 / 12, 2)
  })

  it.each([
    [1_000, 0.05],
    [950, 0.001],
    [50, 0.3],
  ])('give of %d requests the share %d, with the spread of independent ones', (n, share) => {
    const random = randomFrom('binomial')
    for (const draw of [binomial, binomialOnce]) {
      const counts = times(10_000, () => draw(random, n, share))
      expect(mean(counts) / (n * share)).toBeGreaterThan(0.96)
      expect(mean(counts) / (n * share)).toBeLessThan(1.04)
      expect(variance(counts) / (n * share * (1 - share))).toBeGreaterThan(0.92)
      expect(variance(counts) / (n * share * (1 - share))).toBeLessThan(1.08)
    }
  })

  it('have no share beyond none and all', () => {
    const random = randomFrom('ends')
    expect([binomial(random, 50, 0), binomial(random, 50, 1), binomial(random, 0, 0.5)]).toEqual([0, 50, 0])
  })
})

describe('errors', () => {
  it('come in bursts of three on average, as often as alone', () => {
    const random = randomFrom('bursts')
    const alone = times(20_000, () => errorsAmong(random, 950, 0.001, false))
    const inBursts = times(20_000, () => errorsAmong(random, 950, 0.001, true))
    expect(mean(inBursts) / mean(alone)).toBeGreaterThan(0.94)
    expect(mean(inBursts) / mean(alone)).toBeLessThan(1.06)
    // A geometric size with mean 3 has a mean square of 15: the counts vary 5 times as much.
    expect(variance(inBursts) / variance(alone)).toBeGreaterThan(4.4)
    expect(variance(inBursts) / variance(alone)).toBeLessThan(5.6)
  })

  it('never are more than requests', () => {
    const random = randomFrom('few')
    expect(Math.max(...times(2_000, () => errorsAmong(random, 2, 0.9, true)))).toBe(2)
  })
})

describe('a simulated bake', () => {
  const bake = (weather: Weather, seed = 'bake', candidate = 0.01): Block[] => [
    ...shareBlocks(randomFrom(seed), { stable: 0.01, candidate, weather }),
  ]

  it('has 10 min of history without a candidate, then 30 min with 5 % of the requests', () => {
    const blocks = bake('calm')
    expect(blocks).toHaveLength(setting.historyBlocks + setting.blocks)
    expect(blocks.findIndex(({ metrics }) => metrics['errors']?.candidate !== undefined)).toBe(60)
    const candidate = mean(errorsOf(blocks, 'candidate').map(({ requests }) => requests))
    expect(candidate).toBeGreaterThan(48)
    expect(candidate).toBeLessThan(52)
    for (const [i, block] of blocks.entries()) expect(block.fromMs).toBe(blocks[i - 1]?.toMs ?? block.fromMs)
  })

  it('has the shares of errors that were asked for', () => {
    const many = times(20, (i) => bake('calm', `shares ${i}`, 0.03)).flat()
    expect(shareOf(errorsOf(many, 'stable'))).toBeCloseTo(0.01, 3)
    expect(shareOf(errorsOf(many, 'candidate'))).toBeCloseTo(0.03, 2)
  })

  it('has ten times the errors on both sides in an incident of 5 min', () => {
    const bakes = times(20, (i) => bake('incident', `incident ${i}`))
    for (const side of ['stable', 'candidate'] as const) {
      // 30 of 180 blocks are ten times as bad: 2.5 times as many errors in all.
      const share = shareOf(bakes.flatMap((blocks) => errorsOf(blocks.slice(60), side)))
      expect(share).toBeGreaterThan(0.023)
      expect(share).toBeLessThan(0.027)
    }
  })

  it('has 10 s of nothing but errors of the candidate in an outage, seldom within one block', () => {
    const bakes = times(60, (i) => errorsOf(bake('outage', `outage ${i}`), 'candidate'))
    const struck = bakes.map((samples) => samples.filter(({ requests, bad }) => bad > 0.12 * requests).length)
    expect(Math.max(...struck)).toBe(2)
    expect(struck.filter((blocks) => blocks === 2).length).toBeGreaterThan(30)
    const inAll = mean(bakes.map((samples) => samples.reduce((sum, { bad }) => sum + bad, 0)))
    // 50 in the outage, and 1 % of the others.
    expect(inAll).toBeGreaterThan(130)
    expect(inAll).toBeLessThan(148)
  })

  it('shares an outage between the blocks that it touches', () => {
    expect(times(5, (i) => overlap(i, 1.3, 1))).toEqual([0, 0.7, expect.closeTo(0.3, 9), 0, 0])
  })

  it.each(['calm', 'bursts', 'incident', 'outage'] as const)('is one that the judge reads: %s', (weather) => {
    const parameters = { rules: [{ name: 'errors', kind: 'share' }], minSamples: 1, holdOver: true }
    const text = JSON.stringify({ parameters, blocks: bake(weather) })
    expect(readJudgedFile(text, 'bake').blocks).toHaveLength(240)
  })
})

describe('simulated latencies', () => {
  const samples = (sigma: number, factor: number, noisyPods: boolean, buckets = fineBuckets) =>
    [...latencyBlocks(randomFrom('latency'), { sigma, factor, noisyPods, buckets })].map(
      ({ metrics }) => metrics['latency'] as { stable: LatencySample; candidate?: LatencySample },
    )
  const summed = (all: readonly LatencySample[]): number[] =>
    all.reduce<number[]>((sum, { counts }) => counts.map((count, i) => count + (sum[i] ?? 0)), [])
  const shareBelow = (counts: readonly number[], bucket: number): number =>
    counts.slice(0, bucket + 1).reduce((sum, count) => sum + count, 0) /
    counts.reduce((sum, count) => sum + count, 0)

  it('are lognormal', () => {
    const counts = summed(samples(0.5, 1, false).map(({ stable }) => stable))
    for (const bucket of [56, 72, 80, 92]) {
      const below = normalShare(Math.log((fineBuckets.edgesMs[bucket] ?? 0) / medianMs) / 0.5)
      expect(shareBelow(counts, bucket)).toBeCloseTo(below, 2)
    }
  })

  it('of a slower candidate are slower by the factor', () => {
    const counts = summed(samples(0.5, 1.21, false).flatMap(({ candidate }) => candidate ?? []))
    const below = normalShare(Math.log((fineBuckets.edgesMs[81] ?? 0) / (1.21 * medianMs)) / 0.5)
    expect(shareBelow(counts, 81)).toBeCloseTo(below, 1)
    expect(1.1 * (fineBuckets.edgesMs[7] ?? 0)).toBeCloseTo(fineBuckets.edgesMs[9] ?? 0, 9)
  })

  it.each([fineBuckets, localBuckets])('of pods sum to those of the side: $name', (buckets) => {
    for (const { stable, candidate } of samples(1, 1, true, buckets).slice(58, 64)) {
      expect(Object.keys(stable.pods ?? {})).toHaveLength(19)
      for (const side of [stable, candidate ?? stable])
        expect(summed(Object.values(side.pods ?? {}).map((counts) => ({ ...side, counts })))).toEqual(
          side.counts,
        )
    }
  })

  it('differ between pods where they are to, and for a minute', () => {
    const [first] = samples(0.5, 1, true)
    const slow = Object.values(first?.stable.pods ?? {}).map((counts) => 1 - shareBelow(counts, 77))
    // The share above the median of 50 requests has a standard deviation of 7 points; 5 % of noise add 4.
    expect(Math.sqrt(variance(slow))).toBeGreaterThan(0.05)
    expect(samples(0.5, 1, false)[0]?.stable).not.toHaveProperty('pods')
  })

  it('stand on the normal distribution', () => {
    expect(normalShare(1.959963984540054)).toBeCloseTo(0.975, 12)
    expect(normalQuantile(0.95)).toBeCloseTo(1.6448536269514722, 9)
    const draw = bucketDraw(100, 1, [100])
    const random = randomFrom('half')
    expect(mean(times(10_000, () => draw(random)))).toBeCloseTo(0.5, 1)
  })
})
