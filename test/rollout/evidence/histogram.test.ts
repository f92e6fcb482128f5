import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { percentileOf } from '../../../src/rollout/evidence/histogram.js'
import type { LatencySample } from '../../../src/rollout/ports/metric-source.js'

const latency = (counts: readonly number[]): LatencySample => ({
  kind: 'latency',
  edgesMs: [10, 20, 40],
  counts,
})

describe('a percentile', () => {
  it('lies inside its bucket, by how far into it the wanted request is', () => {
    expect(percentileOf(latency([0, 100, 0, 0]), 50)).toBe(15)
    expect(percentileOf(latency([50, 50, 0, 0]), 95)).toBeCloseTo(19)
    expect(percentileOf(latency([90, 0, 10, 0]), 95)).toBeCloseTo(30)
    expect(percentileOf(latency([100, 0, 0, 0]), 100)).toBe(10)
  })

  it('beyond the last edge is the last edge, and of nothing is unknown', () => {
    expect(percentileOf(latency([0, 0, 0, 5]), 95)).toBe(40)
    expect(percentileOf(latency([0, 0, 0, 0]), 95)).toBeUndefined()
  })

  it('never falls as the percentage rises, and stays between the edges', () => {
    const counts = fc.array(fc.nat(1_000), { minLength: 4, maxLength: 4 })
    const percent = fc.integer({ min: 1, max: 100 })
    fc.assert(
      fc.property(counts, percent, percent, (given, one, other) => {
        fc.pre(given.some((count) => count > 0))
        const low = percentileOf(latency(given), Math.min(one, other)) ?? NaN
        const high = percentileOf(latency(given), Math.max(one, other)) ?? NaN
        expect(low).toBeLessThanOrEqual(high)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(40)
      }),
    )
  })
})
