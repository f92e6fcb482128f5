import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { describeFigures, figuresOf, percentileMs, requestsOf } from '../../src/rollout/figures.js'
import type { Block } from '../../src/rollout/ports/judge.js'
import type { LatencySample } from '../../src/rollout/ports/metric-source.js'

const latency = (counts: readonly number[]): LatencySample => ({
  kind: 'latency',
  edgesMs: [10, 20, 40],
  counts,
})
const block = (metrics: Block['metrics']): Block => ({ fromMs: 0, toMs: 1, weight: 25, metrics })

describe('a percentile', () => {
  it('lies inside its bucket, by how far into it the wanted request is', () => {
    expect(percentileMs(latency([0, 100, 0, 0]), 50)).toBe(15)
    expect(percentileMs(latency([50, 50, 0, 0]), 95)).toBeCloseTo(19)
    expect(percentileMs(latency([90, 0, 10, 0]), 95)).toBeCloseTo(30)
    expect(percentileMs(latency([100, 0, 0, 0]), 100)).toBe(10)
  })

  it('beyond the last edge is the last edge, and of nothing is unknown', () => {
    expect(percentileMs(latency([0, 0, 0, 5]), 95)).toBe(40)
    expect(percentileMs(latency([0, 0, 0, 0]), 95)).toBeUndefined()
  })

  it('never falls as the percentage rises, and stays between the edges', () => {
    const counts = fc.array(fc.nat(1_000), { minLength: 4, maxLength: 4 })
    const percent = fc.integer({ min: 1, max: 100 })
    fc.assert(
      fc.property(counts, percent, percent, (given, one, other) => {
        fc.pre(given.some((count) => count > 0))
        const low = percentileMs(latency(given), Math.min(one, other)) ?? NaN
        const high = percentileMs(latency(given), Math.max(one, other)) ?? NaN
        expect(low).toBeLessThanOrEqual(high)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(40)
      }),
    )
  })
})

describe('figures of several blocks', () => {
  const blocks = [
    block({
      errors: { candidate: { kind: 'share', requests: 100, bad: 1 } },
      'latency-p95': { candidate: latency([50, 50, 0, 0]) },
    }),
    block({
      errors: { candidate: { kind: 'share', requests: 300, bad: 3 } },
      'latency-p95': { candidate: latency([150, 150, 0, 0]) },
    }),
  ]

  it('add up', () => {
    expect(figuresOf(blocks, 'candidate')).toEqual({ requests: 400, errors: 4, p95Ms: 19 })
    expect(figuresOf(blocks, 'stable')).toBeUndefined()
  })

  it('speak of latency alone where errors are not counted', () => {
    const alone = [block({ slow: { stable: latency([1, 2, 3, 4]) } })]
    expect(figuresOf(alone, 'stable')).toEqual({ requests: 10, p95Ms: 40 })
    expect(requestsOf(undefined)).toBe(0)
  })

  it('are said in words with their units', () => {
    expect(describeFigures({ requests: 1_204, errors: 1, p95Ms: 12.4 })).toBe(
      '1,204 requests, 0.1 % errors, p95 12 ms',
    )
    expect(describeFigures({ requests: 0, errors: 0 })).toBe('no requests')
    expect(describeFigures(undefined)).toBe('no requests')
  })
})
