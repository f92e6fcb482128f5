import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  pairEvidence,
  SHARE_ALTERNATIVES,
  SLOWER_ALTERNATIVES,
} from '../../src/analysis/e-value/block-evidence.js'
import { closestNull, type Null } from '../../src/analysis/e-value/closest-null.js'
import { judge } from '../../src/analysis/judge.js'
import { meanEvidence } from '../../src/analysis/means/asymptotic-sequence.js'
import { meanOf, plus, varianceOf, type MeanSums } from '../../src/analysis/means/mean-sums.js'
import { ShareIntervals } from '../../src/analysis/shares/share-interval.js'
import type { Block, MetricRule } from '../../src/rollout/ports/judge.js'
import type { LatencySample, MeanSample, Sample, ShareSample } from '../../src/rollout/ports/metric-source.js'

/** Both sides in each block; the temper is stable's alone, so that it stays the same whatever the candidate does. */
interface Sides<S> {
  readonly stable: S
  readonly candidate: S
}

/** ln E against the candidate after all blocks, by the judge as it ships, guards and all. */
function evidenceOf<S extends Sample>(
  rule: MetricRule,
  history: readonly S[],
  bake: readonly Sides<S>[],
): number {
  const judging = judge({ rules: [rule], minSamples: 1, longestHoldMs: 600_000 })
  const all: (Sides<S> | { readonly stable: S })[] = [...history.map((stable) => ({ stable })), ...bake]
  all.forEach((sides, i) => {
    const block: Block = {
      fromMs: i * 10_000,
      toMs: (i + 1) * 10_000,
      weight: i < history.length ? 0 : 5,
      metrics: { [rule.name]: sides },
    }
    judging.add(block)
  })
  return judging.judgement(false).metrics[0]?.evidence?.logE ?? NaN
}

function changedAt<S>(
  bake: readonly Sides<S>[],
  at: number,
  change: (candidate: S) => S,
): readonly Sides<S>[] {
  return bake.map((sides, i) =>
    i === at % bake.length ? { ...sides, candidate: change(sides.candidate) } : sides,
  )
}

const shareSample = (most: number): fc.Arbitrary<ShareSample> =>
  fc
    .tuple(fc.integer({ min: 0, max: most }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([requests, part]) => ({ kind: 'share', requests, bad: Math.round(requests * part ** 4) }))
const shares = fc.record({ stable: shareSample(900), candidate: shareSample(60) })

const EDGES_MS = [10, 20, 50, 100, 200, 500]
const latencySample = (most: number): fc.Arbitrary<LatencySample> =>
  fc
    .array(fc.nat(most), { minLength: EDGES_MS.length + 1, maxLength: EDGES_MS.length + 1 })
    .map((counts) => ({ kind: 'latency', edgesMs: EDGES_MS, counts }))
const latencies = fc.record({ stable: latencySample(150), candidate: latencySample(9) })

const meanSample = (most: number): fc.Arbitrary<MeanSample> =>
  fc
    .array(fc.double({ min: -50, max: 100, noNaN: true }), { minLength: 2, maxLength: most })
    .map((values) => ({
      kind: 'mean',
      count: values.length,
      sum: values.reduce((sum, value) => sum + value, 0),
      sumOfSquares: values.reduce((sum, value) => sum + value * value, 0),
    }))

const bakeOf = <S>(sides: fc.Arbitrary<Sides<S>>) => fc.array(sides, { minLength: 1, maxLength: 14 })

describe('more harm at the candidate never lowers the evidence of the judge as it ships', () => {
  it.each<MetricRule>([
    { name: 'errors', kind: 'share' },
    { name: 'errors', kind: 'share', tolerateRatio: 1 },
    { name: 'errors', kind: 'share', limit: 0.05 },
  ])('one more error: %j', (rule) => {
    fc.assert(
      fc.property(
        fc.array(shareSample(900), { maxLength: 30 }),
        bakeOf(shares),
        fc.nat(13),
        (past, bake, at) => {
          const more = changedAt(bake, at, (one) => ({ ...one, bad: Math.min(one.requests, one.bad + 1) }))
          expect(evidenceOf(rule, past, more)).toBeGreaterThanOrEqual(evidenceOf(rule, past, bake) - 1e-9)
        },
      ),
    )
  })

  it.each<MetricRule>([
    { name: 'latency', kind: 'latency', percentile: 95 },
    { name: 'latency', kind: 'latency', percentile: 50, tolerateRatio: 1, limit: 100 },
  ])('one request that falls into a slower bucket: %j', (rule) => {
    fc.assert(
      fc.property(
        fc.array(latencySample(150), { maxLength: 30 }),
        bakeOf(latencies),
        fc.nat(13),
        fc.nat(EDGES_MS.length - 1),
        fc.integer({ min: 1, max: EDGES_MS.length }),
        (past, bake, at, from, further) => {
          const to = Math.min(EDGES_MS.length, from + further)
          const slower = changedAt(bake, at, (one) => {
            const moved = one.counts[from] === 0 ? 0 : 1
            return {
              ...one,
              counts: one.counts.map((count, i) => count - (i === from ? moved : 0) + (i === to ? moved : 0)),
            }
          })
          expect(evidenceOf(rule, past, slower)).toBeGreaterThanOrEqual(evidenceOf(rule, past, bake) - 1e-9)
        },
      ),
    )
  })

  it('a mean that lies further beyond what is tolerated, its error being the same', () => {
    const distance = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    const error = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(distance, distance, error, fc.integer({ min: 2, max: 1e9 }), (one, other, se, count) => {
        const [less, more] = one < other ? [one, other] : [other, one]
        const [low, high] = [less, more].map((each) => meanEvidence(each, se, count, 0.05))
        expect(high).toBeGreaterThanOrEqual(low ?? NaN)
      }),
    )
  })

  it('values of the candidate that are all higher by the same, where blocks are of one size', () => {
    const rule: MetricRule = { name: 'basket', kind: 'mean' }
    const sized = fc
      .array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 20, maxLength: 20 })
      .map((values): MeanSample => ({
        kind: 'mean',
        count: 20,
        sum: values.reduce((sum, value) => sum + value, 0),
        sumOfSquares: values.reduce((sum, value) => sum + value * value, 0),
      }))
    const higher = ({ count, sum, sumOfSquares }: MeanSample, by: number): MeanSample => ({
      kind: 'mean',
      count,
      sum: sum + count * by,
      sumOfSquares: sumOfSquares + 2 * by * sum + count * by * by,
    })
    const bake = fc.array(fc.record({ stable: sized, candidate: sized }), { minLength: 8, maxLength: 14 })
    fc.assert(
      fc.property(fc.array(sized, { maxLength: 10 }), bake, (past, sides) => {
        const all = sides.map((one) => ({ ...one, candidate: higher(one.candidate, 100) }))
        expect(evidenceOf(rule, past, all)).toBeGreaterThanOrEqual(evidenceOf(rule, past, sides))
      }),
      { numRuns: 50 },
    )
  })
})

describe('it does not matter which side is called which', () => {
  const counts = fc
    .tuple(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([requests, part]) => ({ requests, bad: Math.round(requests * part ** 3) }))
  const share = fc.double({ min: 0.001, max: 0.999, noNaN: true })
  const exchanged = <T>({ candidate, stable }: Sides<T>): Sides<T> => ({
    candidate: stable,
    stable: candidate,
  })

  it.each<[string, Null, Null]>([
    ['as bad', { kind: 'ratio', factor: 1 }, { kind: 'ratio', factor: 1 }],
    ['twice as bad, and half', { kind: 'ratio', factor: 2 }, { kind: 'ratio', factor: 0.5 }],
    ['2 points worse, and better', { kind: 'shift', points: 0.02 }, { kind: 'shift', points: -0.02 }],
  ])('for the point of the null that explains a guess best: %s', (_, there, back) => {
    fc.assert(
      fc.property(share, share, counts, counts, (one, other, { requests: n }, { requests: m }) => {
        const [guess, requests] = [
          { candidate: one, stable: other },
          { candidate: n, stable: m },
        ]
        const [forward, backward] = [
          closestNull(there, guess, requests),
          exchanged(closestNull(back, exchanged(guess), exchanged(requests))),
        ]
        expect(backward.candidate).toBeCloseTo(forward.candidate, 7)
        expect(backward.stable).toBeCloseTo(forward.stable, 7)
      }),
    )
  })

  it('for the interval of the difference of shares, which mirrors', () => {
    fc.assert(
      fc.property(counts, counts, (candidate, stable) => {
        const interval = (sides: Sides<typeof candidate>) =>
          new ShareIntervals([{ ...sides, expected: undefined }], 1).difference(0.05)
        const [there, back] = [
          interval({ candidate, stable }),
          interval({ candidate: stable, stable: candidate }),
        ]
        expect(back?.low).toBeCloseTo(-(there?.high ?? NaN), 7)
        expect(back?.high).toBeCloseTo(-(there?.low ?? NaN), 7)
      }),
    )
  })
})

describe('it does not matter how requests are divided into blocks', () => {
  const parts = fc.record({
    candidate: fc.integer({ min: 1, max: 30 }),
    stable: fc.integer({ min: 1, max: 300 }),
    times: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    bad: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
  })
  const nul = fc.oneof(
    fc.constantFrom(1, 1.25, 2).map((factor): Null => ({ kind: 'ratio', factor })),
    fc.constantFrom(0.0005, 0.02).map((points): Null => ({ kind: 'shift', points })),
  )

  it.each([
    ['errors', SHARE_ALTERNATIVES],
    ['slower requests', SLOWER_ALTERNATIVES],
  ])('as long as the sides keep their proportion and the guess stays: %s', (_, alternatives) => {
    fc.assert(
      fc.property(parts, nul, ({ candidate, stable, times, bad }, against) => {
        const side = (requests: number, part = 0) => ({ requests, bad: Math.floor(requests * part) })
        const blocks = times.map((time, i) => ({
          candidate: side(time * candidate, bad[2 * i]),
          stable: side(time * stable, bad[2 * i + 1]),
        }))
        const sum = (which: 'candidate' | 'stable') => ({
          requests: blocks.reduce((all, block) => all + block[which].requests, 0),
          bad: blocks.reduce((all, block) => all + block[which].bad, 0),
        })
        const known = { guess: 0.03, temper: 1.5 }
        const whole = pairEvidence(
          against,
          { candidate: sum('candidate'), stable: sum('stable'), ...known },
          alternatives,
        )
        const divided = blocks.map((block) => pairEvidence(against, { ...block, ...known }, alternatives))
        whole.forEach((log, i) =>
          expect(divided.reduce((all, logs) => all + (logs[i] ?? NaN), 0)).toBeCloseTo(log, 6),
        )
      }),
    )
  })

  it('of values of which the mean is compared', () => {
    fc.assert(
      fc.property(meanSample(30), meanSample(30), meanSample(30), (one, other, third) => {
        const [left, right]: [MeanSums, MeanSums] = [
          plus(plus(one, other), third),
          plus(one, plus(other, third)),
        ]
        expect(meanOf(left)).toBeCloseTo(meanOf(right), 9)
        expect(varianceOf(left)).toBeCloseTo(varianceOf(right), 6)
      }),
    )
  })
})

describe('the sizes of regression that are looked for', () => {
  it.each([
    ['shares', SHARE_ALTERNATIVES],
    ['latencies', SLOWER_ALTERNATIVES],
  ])('weigh 1 in all: %s', (_, alternatives) => {
    expect(alternatives.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
  })
})
