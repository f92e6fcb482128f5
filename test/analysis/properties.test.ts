import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { halfWidth, meanEvidence } from '../../src/analysis/means/asymptotic-sequence.js'
import { logRatio, pairEvidence, SHARE_ALTERNATIVES } from '../../src/analysis/e-value/block-evidence.js'
import { closestNull, type Null } from '../../src/analysis/e-value/closest-null.js'
import { judge, judgeBlocks } from '../../src/analysis/judge.js'
import { logGamma } from '../../src/analysis/e-value/log-gamma.js'
import { PodDispersion } from '../../src/analysis/e-value/pod-dispersion.js'
import { ONE_START, SequentialEvidence } from '../../src/analysis/e-value/sequential-evidence.js'
import type { Block, JudgeParameters, MetricRule } from '../../src/rollout/ports/judge.js'
import type { PodShare, Sample, ShareSample } from '../../src/rollout/ports/metric-source.js'

const WEIGHTS = SHARE_ALTERNATIVES.map(({ weight }) => weight)
const ODD = [NaN, -1, 0, 0.5, 1, 7, 1e15, 1e308, Infinity, Number.MAX_SAFE_INTEGER]

const odd = fc.oneof(fc.constantFrom(...ODD), fc.nat(2_000))
/** So many pods that one of them may be left out. */
const PODS = 12
const anyPods: fc.Arbitrary<NonNullable<ShareSample['pods']>> = fc.oneof(
  fc.tuple(odd, odd).map((a) => ({ a, b: [3, 1] as const })),
  fc
    .array(fc.constantFrom<PodShare>([5, 0], [5, 5], [5, 2], [0, 0], [1e15, 7]), {
      minLength: PODS,
      maxLength: PODS,
    })
    .map((pods) => Object.fromEntries(pods.map((pod, i) => [`p${i}`, pod]))),
)
const anyShare: fc.Arbitrary<Sample> = fc
  .record({
    counts: fc.oneof(
      fc.tuple(odd, odd),
      // No request at all, none bad, and all of them.
      fc.constantFrom<[number, number]>([0, 0], [40, 0], [40, 40], [1e15, 1e15]),
    ),
    pods: anyPods,
  })
  .map(({ counts: [requests, bad], pods }) => ({ kind: 'share', requests, bad, pods }))
const anyLatency: fc.Arbitrary<Sample> = fc
  .record({
    edgesMs: fc.constantFrom([5, 10, 50], [1, 2], [10, 5], [NaN], []),
    counts: fc.array(odd, { maxLength: 5 }),
  })
  .map(({ edgesMs, counts }) => ({ kind: 'latency', edgesMs, counts, pods: { a: counts, b: [1, 2] } }))
const anyMean: fc.Arbitrary<Sample> = fc
  .record({ count: odd, sum: odd, sumOfSquares: odd })
  .map((sums) => ({ kind: 'mean', ...sums }))
const anyScalar: fc.Arbitrary<Sample> = odd.map((value) => ({ kind: 'scalar', value }))
const anySample = fc.oneof(anyShare, anyLatency, anyMean, anyScalar)
const anySides = fc.record({ stable: anySample, candidate: anySample }, { requiredKeys: [] })
const anyBlocks = fc
  .array(
    fc.record({
      share: anySides,
      latency: anySides,
      mean: anySides,
      scalar: anySides,
      weight: fc.constantFrom(5, 5, 5, 100),
    }),
    // Long enough for a minute of it to be left out.
    { maxLength: 50 },
  )
  .map((items) =>
    items.map(({ weight, ...metrics }, i): Block => ({
      fromMs: i * 15_000,
      toMs: (i + 1) * 15_000,
      weight,
      metrics,
    })),
  )
const KINDS = ['share', 'latency', 'mean', 'scalar'] as const
const METHODS = ['sequential', 'threshold', 'mann-whitney'] as const
const rulesBy = (method: (typeof METHODS)[number]): readonly MetricRule[] =>
  KINDS.map((kind) => ({ name: kind, kind, method, limit: 0.5 }))
const RULES = rulesBy('sequential')
const asked = (holdOver: boolean): JudgeParameters => ({ rules: RULES, minSamples: 10, holdOver })

describe('for any counts, sound or not', () => {
  it('there is a judgement without NaN or infinity, whatever was seen', () => {
    fc.assert(
      fc.property(anyBlocks, fc.boolean(), fc.constantFrom(...METHODS), (blocks, holdOver, method) => {
        const numbers: unknown[] = []
        const parameters = { ...asked(holdOver), rules: rulesBy(method) }
        JSON.stringify(judgeBlocks(parameters, blocks), (_, value: unknown) => {
          if (typeof value === 'number') numbers.push(value)
          return value
        })
        expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('blocks that come one by one, with a look after each, end in the judgement of all at once', () => {
    fc.assert(
      fc.property(anyBlocks, (blocks) => {
        const bake = judge(asked(false))
        for (const block of blocks) {
          bake.add(block)
          bake.judgement(false)
        }
        expect(bake.judgement(true)).toEqual(judgeBlocks(asked(true), structuredClone(blocks)))
      }),
      { numRuns: 50 },
    )
  })
})

const side = fc
  .tuple(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([requests, part]) => ({ requests, bad: Math.floor(requests * part) }))
const pair = fc.record({
  candidate: side,
  stable: side,
  guess: fc.double({ min: 0.0005, max: 0.4, noNaN: true }),
  temper: fc.constant(1),
})
const nul: fc.Arbitrary<Null> = fc.oneof(
  fc.constantFrom(1, 1.25, 2).map((factor): Null => ({ kind: 'ratio', factor })),
  fc.constantFrom(0.0005, 0.02).map((points): Null => ({ kind: 'shift', points })),
)

describe('the evidence of shares', () => {
  const over = (pairs: readonly Parameters<typeof pairEvidence>[1][], against: Null) => {
    const evidence = new SequentialEvidence(WEIGHTS, ONE_START)
    pairs.forEach((one, i) =>
      evidence.add(pairEvidence(against, one, SHARE_ALTERNATIVES), {
        fromMs: i * 10_000,
        toMs: (i + 1) * 10_000,
        observedMs: 0,
      }),
    )
    return evidence.logE
  }

  it('never falls when the candidate makes one more error, with the temper fixed', () => {
    fc.assert(
      fc.property(
        fc.array(pair, { minLength: 1, maxLength: 12 }),
        fc.nat(11),
        nul,
        (pairs, which, against) => {
          const at = which % pairs.length
          const more = pairs.map((one, i) =>
            i === at && one.candidate.bad < one.candidate.requests
              ? { ...one, candidate: { ...one.candidate, bad: one.candidate.bad + 1 } }
              : one,
          )
          expect(over(more, against)).toBeGreaterThanOrEqual(over(pairs, against) - 1e-9)
        },
      ),
    )
  })

  it('is at most 1 on average where the null holds', () => {
    fc.assert(
      fc.property(nul, fc.double({ min: 0.01, max: 0.4, noNaN: true }), (against, share) => {
        const [n, m] = [4, 6]
        const ofCandidate = Math.min(
          0.99,
          against.kind === 'ratio' ? against.factor * share : share + against.points,
        )
        let mean = 0
        for (let x = 0; x <= n; x++) {
          for (let y = 0; y <= m; y++) {
            const counts = { candidate: { requests: n, bad: x }, stable: { requests: m, bad: y } }
            const logs = pairEvidence(against, { ...counts, guess: 0.1, temper: 1 }, SHARE_ALTERNATIVES)
            mean += chance(n, x, ofCandidate) * chance(m, y, share) * Math.exp(logs[1] ?? 0)
          }
        }
        expect(mean).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })

  it('does not ask what the sides are called: swapped sides and shares give the same', () => {
    fc.assert(
      fc.property(side, side, (one, other) => {
        const same: Null = { kind: 'ratio', factor: 1 }
        const forward = logRatio(same, { candidate: 0.2, stable: 0.1 }, one, other)
        const back = logRatio(same, { candidate: 0.1, stable: 0.2 }, other, one)
        expect(back).toBeCloseTo(forward, 9)
      }),
    )
  })

  it('of a block is that of its parts together, where weight and guess stay the same', () => {
    fc.assert(
      fc.property(side, side, nul, (candidate, stable, against) => {
        const twice = ({ requests, bad }: typeof candidate) => ({ requests: 2 * requests, bad: 2 * bad })
        const whole = { candidate: twice(candidate), stable: twice(stable), guess: 0.05, temper: 1 }
        const half = { ...whole, candidate, stable }
        const [one, both] = [half, whole].map((each) => pairEvidence(against, each, SHARE_ALTERNATIVES))
        both?.forEach((log, i) => expect(log).toBeCloseTo(2 * (one?.[i] ?? NaN), 6))
      }),
    )
  })

  it('is held against a point of the null that no other point comes nearer to', () => {
    fc.assert(
      fc.property(nul, fc.double({ min: 0.01, max: 0.3, noNaN: true }), (against, share) => {
        const guess = { candidate: 0.8, stable: 0.1 }
        const distance = (candidate: number, stable: number) =>
          50 * divergence(guess.candidate, candidate) + 950 * divergence(guess.stable, stable)
        const closest = closestNull(against, guess, { candidate: 50, stable: 950 })
        const bound = against.kind === 'ratio' ? against.factor * share : share + against.points
        expect(distance(closest.candidate, closest.stable)).toBeLessThanOrEqual(distance(bound, share) + 1e-9)
      }),
    )
  })
})

describe('the asymptotic sequence of a mean', () => {
  it('has the half-width that was computed apart', () => {
    expect(halfWidth(1, 1_000, 0.05)).toBeCloseTo(0.106375, 6)
  })

  it('is where the evidence suffices', () => {
    const half = halfWidth(3, 700, 0.01)
    expect(meanEvidence(half, 3 / Math.sqrt(700), 700, 0.01)).toBeCloseTo(Math.log(100), 9)
  })
})

describe('the dispersion of pods', () => {
  const pods = (bad: readonly number[]) => bad.map((each, i) => ({ pod: `p${i}`, requests: 100, bad: each }))

  it('is 0 for equal pods and large for pods that differ, once a span is over', () => {
    const [equal, different] = [new PodDispersion(), new PodDispersion()]
    for (let i = 0; i < 5; i++) {
      equal.add(pods([5, 5, 5]), i * 10_000)
      different.add(pods([0, 0, 15]), i * 10_000)
    }
    expect(equal.dispersion).toBe(0)
    // Four spans are over, with two degrees of freedom each.
    expect(different.dispersion).toBeCloseTo(150 / (5 * 0.95) / 2 - Math.sqrt(2 / 8), 6)
  })
})

describe('ln Γ', () => {
  it('is that of factorials and of one half', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 10)
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 10)
  })
})

function chance(n: number, x: number, share: number): number {
  let ways = 1
  for (let i = 0; i < x; i++) ways *= (n - i) / (i + 1)
  return ways * share ** x * (1 - share) ** (n - x)
}

function divergence(p: number, q: number): number {
  return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))
}
