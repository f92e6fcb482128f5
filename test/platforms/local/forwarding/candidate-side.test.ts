import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'

import { BUCKETS, bucketOfText } from '../../../../src/platforms/local/forwarding/bucket.js'
import { candidateAfter } from '../../../../src/platforms/local/forwarding/candidate-side.js'
import { RouteTable } from '../../../../src/platforms/local/forwarding/route-table.js'
import type { Slot } from '../../../../src/rollout/place.js'
import { splitOf } from './stage.js'

/** One rollout: the weights it goes through, and whether it ends at 100 or goes back. */
const rollout = fc.record({
  weights: fc.uniqueArray(fc.integer({ min: 1, max: 9_999 }), { maxLength: 6 }),
  promoted: fc.boolean(),
  /** After which write the supervisor starts anew. */
  restartAfter: fc.integer({ min: 0, max: 8 }),
})

const BUCKET_SAMPLE = [0, 1, 99, 2_499, 2_500, 5_000, 7_777, 9_998, 9_999]

describe('the side that buckets count from', () => {
  it('moves nobody twice in a rollout, and nobody at its end, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(rollout, { minLength: 1, maxLength: 5 }), (rollouts) => {
        let table = new RouteTable()
        let stable: Slot = 'blue'
        table.setSplit(splitOf({ blue: 100 }))
        for (const { weights, promoted, restartAfter } of rollouts) {
          const candidate: Slot = stable === 'blue' ? 'green' : 'blue'
          const rising = [0, ...weights.toSorted((one, other) => one - other), ...(promoted ? [10_000] : [])]
          let before = BUCKET_SAMPLE.map((): string | undefined => stable)
          for (const [step, weight] of rising.entries()) {
            const share = weight / 100
            table.setSplit(splitOf({ [stable]: (10_000 - weight) / 100, [candidate]: share }))
            if (step === restartAfter) {
              const { split, candidate: remembered } = table.splitState
              table = new RouteTable()
              table.setSplit(split, remembered)
            }
            const now = BUCKET_SAMPLE.map((bucket) => table.placeOf(bucket))
            // From stable to the candidate and never back; exactly those with a low bucket.
            expect(now).toEqual(BUCKET_SAMPLE.map((bucket) => (bucket < weight ? candidate : stable)))
            expect(before.some((place, index) => place === candidate && now[index] === stable)).toBe(false)
            before = now
          }
          if (promoted) stable = candidate
          else table.setSplit(splitOf({ [stable]: 100, [candidate]: 0 }))
          expect(BUCKET_SAMPLE.map((bucket) => table.placeOf(bucket))).toEqual(
            BUCKET_SAMPLE.map(() => stable),
          )
        }
      }),
    )
  })

  it('is the place at 0, also where the split leaves that place out', () => {
    expect(candidateAfter(splitOf({ green: 100 }), undefined)).toBe('blue')
    expect(candidateAfter(splitOf({ blue: 100, green: 0 }), 'blue')).toBe('green')
    expect(candidateAfter(splitOf({ live: 100 }), undefined)).toBeUndefined()
  })

  it('stays what it was while both carry weight and while nothing is live', () => {
    expect(candidateAfter(splitOf({ blue: 10, green: 90 }), 'green')).toBe('green')
    expect(candidateAfter({}, 'blue')).toBe('blue')
  })

  it('is the smaller side where the past was lost, green if they are equal', () => {
    expect(candidateAfter(splitOf({ blue: 25, green: 75 }), undefined)).toBe('blue')
    expect(candidateAfter(splitOf({ blue: 75, green: 25 }), undefined)).toBe('green')
    expect(candidateAfter(splitOf({ blue: 50, green: 50 }), undefined)).toBe('green')
  })
})

describe('the bucket of a header', () => {
  it('spreads ids that were counted up over all tenths alike', () => {
    const tenths = Array.from({ length: 10 }, () => 0)
    for (let id = 0; id < 100_000; id++) {
      const tenth = Math.floor((bucketOfText(String(id)) / BUCKETS) * 10)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })

  it('is always one of them', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bucket = bucketOfText(text)
        expect(Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKETS).toBe(true)
      }),
    )
  })
})
