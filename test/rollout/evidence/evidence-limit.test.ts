import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { judgeBlocks } from '../../../src/analysis/judge.js'
import { boundedBlocks } from '../../../src/rollout/evidence/evidence-limit.js'
import type { Block } from '../../../src/rollout/ports/judge.js'
import type { Sample } from '../../../src/rollout/ports/metric-source.js'

const share: fc.Arbitrary<Sample> = fc
  .tuple(fc.nat(10_000), fc.nat(100))
  .map(([requests, bad]) => ({ kind: 'share', requests, bad: Math.min(bad, requests) }))
const latency: fc.Arbitrary<Sample> = fc
  .array(fc.nat(1_000), { minLength: 4, maxLength: 4 })
  .map((counts) => ({ kind: 'latency', edgesMs: [10, 20, 40], counts }))
const blocks: fc.Arbitrary<readonly Block[]> = fc
  .array(fc.record({ weight: fc.constantFrom(5, 25), errors: fc.option(share), slow: latency }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((list) =>
    list.map(({ weight, errors, slow }, i) => ({
      fromMs: i * 1_000,
      toMs: (i + 1) * 1_000,
      weight,
      metrics: {
        ...(errors !== null && { errors: { stable: errors, candidate: errors } }),
        'latency-p95': { candidate: slow },
      },
    })),
  )

function numbersOf(sample: Sample): readonly number[] {
  if (sample.kind === 'share') return [sample.requests, sample.bad]
  if (sample.kind === 'latency') return sample.counts
  return sample.kind === 'mean' ? [sample.count, sample.sum, sample.sumOfSquares] : []
}

/** All counts of a kind and side at each weight: what a judgement is made of. */
function counts(list: readonly Block[]): Record<string, readonly number[]> {
  const sums: Record<string, readonly number[]> = {}
  for (const { weight, metrics } of list) {
    for (const [name, sides] of Object.entries(metrics)) {
      for (const [side, sample] of Object.entries(sides)) {
        const key = `${weight} ${name} ${side}`
        const numbers = numbersOf(sample)
        sums[key] = numbers.map((number: number, i: number) => number + (sums[key]?.[i] ?? 0))
      }
    }
  }
  return sums
}

describe('evidence in the ledger', () => {
  it('is made coarser until it fits, and every count at every weight adds up as before', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        // A limit that one block of each weight in turn always fits into.
        const bounded = boundedBlocks(list, 40_000)
        expect(counts(bounded)).toEqual(counts(list))
      }),
    )
  })

  it('keeps to its limit and to the order of time', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        const bounded = boundedBlocks(list, 2_000)
        expect(JSON.stringify(bounded).length).toBeLessThanOrEqual(2_000)
        for (const [i, block] of bounded.entries())
          expect(block.fromMs).toBeGreaterThanOrEqual(bounded[i - 1]?.toMs ?? 0)
      }),
    )
  })

  it('fits in bytes, where names of pods take several for each letter', () => {
    const pods = Object.fromEntries(
      Array.from({ length: 8 }, (_, i): [string, [number, number]] => [
        `${'ポッド'.repeat(7)}-${i}`,
        [10, 0],
      ]),
    )
    const stable: Sample = { kind: 'share', requests: 80, bad: 0, pods }
    const list: Block[] = Array.from({ length: 140 }, (_, i) => ({
      fromMs: i * 10_000,
      toMs: (i + 1) * 10_000,
      weight: 5,
      metrics: { errors: { stable, candidate: { kind: 'share', requests: 4, bad: 0 } } },
    }))
    expect(JSON.stringify(list).length).toBeLessThan(65_536)
    const bounded = boundedBlocks(list)
    expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThanOrEqual(65_536)
    expect(counts(bounded)).toEqual(counts(list))
  })

  it('of one weight is merged, not dropped, however long a hold is', () => {
    const hour: Block[] = Array.from({ length: 3_600 }, (_, i) => ({
      fromMs: i * 1_000,
      toMs: (i + 1) * 1_000,
      weight: 25,
      metrics: { errors: { candidate: { kind: 'share', requests: 7, bad: 1 } } },
    }))
    const bounded = boundedBlocks(hour)
    expect(JSON.stringify(bounded).length).toBeLessThanOrEqual(65_536)
    expect(counts(bounded)).toEqual({ '25 errors candidate': [25_200, 3_600] })
    expect([bounded[0]?.fromMs, bounded.at(-1)?.toMs]).toEqual([0, 3_600_000])
  })

  it('of two histograms with different edges is not added up', () => {
    const one: Block = {
      fromMs: 0,
      toMs: 1,
      weight: 5,
      metrics: { slow: { candidate: { kind: 'latency', edgesMs: [10], counts: [1, 2] } } },
    }
    const other: Block = {
      ...one,
      metrics: { slow: { candidate: { kind: 'latency', edgesMs: [20], counts: [3, 4] } } },
    }
    const bounded = boundedBlocks([one, other, one, other], JSON.stringify([one, other, one]).length)
    // What cannot be merged is dropped from the oldest on.
    expect(bounded).toEqual([other, one, other])
  })

  it('of means adds up too', () => {
    const mean = { kind: 'mean', count: 3, sum: 60, sumOfSquares: 1_400 } as const
    const list = Array.from({ length: 64 }, (_, i) => ({
      fromMs: i * 1_000,
      toMs: (i + 1) * 1_000,
      weight: 25,
      metrics: { basket: { stable: mean, candidate: mean } },
    }))
    const bounded = boundedBlocks(list, 2_000)
    expect(bounded.length).toBeLessThan(16)
    expect(counts(bounded)).toEqual(counts(list))
  })
})

describe('evidence of a short bake after a long history', () => {
  const EDGES = [1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 150, 200, 250, 300, 400, 500, 750]
  const latency = (requests: number): Sample => ({
    kind: 'latency',
    edgesMs: EDGES,
    counts: [...EDGES.map((_, i) => (i === 5 ? requests : 0)), 0],
  })
  const share = (requests: number, bad: number): Sample => ({ kind: 'share', requests, bad })
  const pods = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`web-7d9f8b6c5-${i}`, [9, 0]] as const),
  )
  const LATENCIES = ['a', 'b', 'c', 'd']
  /** Blocks of 1 s: 10 min of history, then the candidate, of whose requests half are bad. */
  const blocksWith = (bakeSeconds: number): readonly Block[] =>
    Array.from({ length: 600 + bakeSeconds }, (_, i) => {
      const baking = i >= 600
      return {
        fromMs: i * 1_000,
        toMs: (i + 1) * 1_000,
        weight: baking ? 5 : 0,
        metrics: {
          errors: {
            stable: { kind: 'share', requests: 450, bad: i % 5 === 0 ? 1 : 0, pods },
            ...(baking && { candidate: share(25, 12) }),
          },
          ...Object.fromEntries(
            LATENCIES.map((name) => [
              name,
              { stable: latency(475), ...(baking && { candidate: latency(25) }) },
            ]),
          ),
        },
      }
    })
  const judged = (blocks: readonly Block[]) =>
    judgeBlocks(
      {
        rules: [
          { name: 'errors', kind: 'share' },
          ...LATENCIES.map((name) => ({ name, kind: 'latency' }) as const),
        ],
        minSamples: 100,
        holdOver: true,
      },
      blocks,
    )
  const ofCandidate = (blocks: readonly Block[]) => blocks.filter(({ weight }) => weight > 0)

  it('keeps every block of the candidate, and what fails before fails after', () => {
    const list = blocksWith(20)
    const bounded = boundedBlocks(list)
    expect(JSON.stringify(bounded).length).toBeLessThanOrEqual(65_536)
    expect(ofCandidate(bounded).map(({ fromMs }) => fromMs)).toEqual(
      ofCandidate(list).map(({ fromMs }) => fromMs),
    )
    expect(bounded.length - ofCandidate(bounded).length).toBeGreaterThanOrEqual(20)
    expect([judged(list).verdict, judged(bounded).verdict]).toEqual(['fail', 'fail'])
  })

  it('is not worn away by being written again and again', () => {
    let kept: readonly Block[] = []
    for (const block of blocksWith(300)) kept = boundedBlocks([...kept, block])
    const lengths = ofCandidate(kept).map(({ fromMs, toMs }) => toMs - fromMs)
    expect(lengths.length).toBeGreaterThanOrEqual(10)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(30_000)
    expect(judged(kept).verdict).toBe('fail')
  })

  it('shows when a side was silent, since silent blocks are not merged with others', () => {
    const list = blocksWith(60).map((block, i) =>
      i < 630 ? block : { ...block, metrics: { ...block.metrics, errors: { stable: share(450, 0) } } },
    )
    const bounded = boundedBlocks(list)
    const firstSilent = bounded.find(
      ({ weight, metrics }) => weight > 0 && metrics['errors']?.candidate === undefined,
    )
    expect(bounded.length).toBeLessThan(100)
    expect(firstSilent?.fromMs).toBe(630_000)
  })
})

describe('what the ledger keeps of single pods', () => {
  const pods = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`pod-${i}`, [10, 1]] as const))
  /** Half an hour in blocks of 15 s. */
  const halfAnHour = (stablePods: number, candidatePods: number): readonly Block[] =>
    Array.from({ length: 120 }, (_, i) => ({
      fromMs: i * 15_000,
      toMs: (i + 1) * 15_000,
      weight: 25,
      metrics: {
        errors: {
          stable: { kind: 'share', requests: 10 * stablePods, bad: stablePods, pods: pods(stablePods) },
          candidate: { kind: 'share', requests: 10 * candidatePods, bad: 0, pods: pods(candidatePods) },
        },
      },
    }))
  const known = (blocks: readonly Block[], side: 'stable' | 'candidate') =>
    blocks.filter(({ metrics }) => {
      const sample = metrics['errors']?.[side]
      return sample?.kind === 'share' && sample.pods !== undefined
    })

  it('is everything while it fits', () => {
    const list = halfAnHour(2, 1)
    expect(boundedBlocks(list)).toBe(list)
  })

  it('is nothing of the candidate’s where it does not, since they are not judged', () => {
    const list = halfAnHour(10, 20)
    const bounded = boundedBlocks(list)
    expect(bounded).toHaveLength(120)
    expect(known(bounded, 'candidate')).toEqual([])
    expect(bounded.map(({ metrics }) => metrics['errors']?.stable)).toEqual(
      list.map(({ metrics }) => metrics['errors']?.stable),
    )
  })

  it('is then stable’s in ten groups, of which a pod is always in the same, and which sum to the side', () => {
    const bounded = boundedBlocks(halfAnHour(200, 4))
    expect(bounded).toHaveLength(120)
    const groups = known(bounded, 'stable').map(({ metrics }) => metrics['errors']?.stable)
    expect(groups).toHaveLength(120)
    for (const sample of groups) {
      if (sample?.kind !== 'share') throw new Error('this is no share')
      expect(sample).toEqual(groups[0])
      const sums = Object.values(sample.pods ?? {})
      expect(sums).toHaveLength(10)
      expect(sums.reduce((sum, [requests]) => sum + requests, 0)).toBe(sample.requests)
      expect(sums.reduce((sum, [, bad]) => sum + bad, 0)).toBe(sample.bad)
    }
  })

  it('is then the groups of the first and the newest five minutes', () => {
    const list = halfAnHour(200, 4)
    const grouped = JSON.stringify(boundedBlocks(list)).length
    const kept = known(boundedBlocks(list, grouped - 1), 'stable').map(({ fromMs }) => fromMs / 60_000)
    expect(kept).toEqual([...range(0, 5), ...range(25, 30)])
  })

  it('is kept in coarser blocks rather than given up', () => {
    const list = halfAnHour(200, 4)
    const bounded = boundedBlocks(list, 12_000)
    expect(bounded.length).toBeGreaterThanOrEqual(24)
    expect(bounded.length).toBeLessThan(120)
    expect(known(bounded, 'stable').length).toBeGreaterThan(0)
    expect(counts(bounded)).toEqual(counts(list))
  })

  it('is nothing where that would leave too few blocks; the counts of the sides are as before', () => {
    const list = halfAnHour(200, 4)
    const bounded = boundedBlocks(list, 4_000)
    expect(known(bounded, 'stable')).toEqual([])
    expect(counts(bounded)).toEqual(counts(list))
    expect(JSON.stringify(bounded).length).toBeLessThanOrEqual(4_000)
  })

  it('of latencies is grouped the same way', () => {
    const latencies = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`pod-${i}`, [i, 1, 0, 0]]))
    const sums = Object.values(latencies).reduce((sum, each) => sum.map((one, i) => one + (each[i] ?? 0)))
    const slow = { kind: 'latency', edgesMs: [10, 20, 40], counts: sums, pods: latencies } as const
    const list = halfAnHour(1, 1).map((block) => ({ ...block, metrics: { slow: { stable: slow } } }))
    const [first] = boundedBlocks(list)
    const stable = first?.metrics['slow']?.stable
    if (stable?.kind !== 'latency') throw new Error('this is no latency')
    const groups = Object.values(stable.pods ?? {})
    expect(groups).toHaveLength(10)
    expect(groups.reduce((sum, each) => sum.map((one, i) => one + (each[i] ?? 0)))).toEqual(sums)
  })
})

/** Quarters of minutes from one minute to another. */
function range(from: number, to: number): number[] {
  return Array.from({ length: 4 * (to - from) }, (_, i) => from + i / 4)
}
