import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isLatency, isShare } from '../../../src/analysis/sound-sample.js'
import { bucketsOf, latencyOf, meanOf, scalarOf, shareOf } from '../../../src/metrics/counting/counted.js'

const strange = fc.oneof(
  fc.constant(undefined),
  fc.double(),
  fc.integer({ min: -2, max: 2_000 }),
  fc.double({ min: 0, max: 1_000, noNaN: true }),
)

describe('what is counted', () => {
  it('of a share is whole, and without errors where there are requests and no series of errors', () => {
    expect(shareOf(30.000000001, [undefined])).toEqual({ kind: 'share', requests: 30, bad: 0 })
    expect(shareOf(30, [1, undefined, 2])).toEqual({ kind: 'share', requests: 30, bad: 3 })
    expect(shareOf(undefined, [undefined])).toBeUndefined()
    expect(shareOf(0, [0])).toBeUndefined()
    expect(shareOf(undefined, [3])).toMatchObject({
      kind: 'unsound',
      why: expect.stringContaining('3 bad of 0 requests'),
    })
    expect(shareOf(-1, [0])).toMatchObject({ kind: 'unsound' })
  })

  it('of latencies never falls and never exceeds all, however they were estimated', () => {
    expect(latencyOf([5, 10, 20], [2.6, 2.2, 7.4], 7)).toEqual({
      kind: 'latency',
      edgesMs: [5, 10, 20],
      counts: [3, 0, 4, 0],
    })
    expect(latencyOf([5], [undefined], 4)).toMatchObject({ counts: [0, 4] })
    expect(latencyOf([5], [undefined], undefined)).toBeUndefined()
    expect(latencyOf([5], [3], 0)).toMatchObject({ kind: 'unsound' })
  })

  it('of buckets and means is nothing where there is nothing', () => {
    expect(bucketsOf([5, 10], [1, undefined, 2])).toEqual({
      kind: 'latency',
      edgesMs: [5, 10],
      counts: [1, 0, 2],
    })
    expect(bucketsOf([5, 10], [])).toBeUndefined()
    expect(meanOf(2, 10, 52)).toEqual({ kind: 'mean', count: 2, sum: 10, sumOfSquares: 52 })
    expect(meanOf(0, undefined, undefined)).toBeUndefined()
    expect(meanOf(2, 10, undefined)).toMatchObject({ kind: 'unsound' })
    expect(scalarOf(Number.NaN)).toBeUndefined()
    expect(scalarOf(0)).toEqual({ kind: 'scalar', value: 0 })
  })

  it('can be judged, or is none, whatever a vendor says', () => {
    fc.assert(
      fc.property(strange, fc.array(strange), (requests, bad) => {
        const share = shareOf(requests, bad)
        expect(share === undefined || share.kind === 'unsound' || isShare(share)).toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.array(strange, { minLength: 3, maxLength: 3 }), strange, (atMost, all) => {
        const counted = latencyOf([5, 10, 20], atMost, all)
        expect(counted === undefined || counted.kind === 'unsound' || isLatency(counted)).toBe(true)
        if (counted?.kind === 'latency') {
          expect(counted.counts.reduce((sum, count) => sum + count, 0)).toBe(Math.round(all ?? 0))
        }
      }),
    )
  })
})
