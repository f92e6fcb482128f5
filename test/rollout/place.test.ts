import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  describeSplit,
  otherSlot,
  sameSplit,
  shareOf,
  splitFor,
  type Split,
} from '../../src/rollout/place.js'
import type { Weight } from '../../src/rollout/weight.js'

const weights = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => (hundredths / 100) as Weight)
const w = (value: number): Weight => value as Weight

describe('a split', () => {
  it('names both sides, zeros included (trap 17), and sums to 100', () => {
    fc.assert(
      fc.property(weights, (weight) => {
        const split = splitFor({ stable: 'blue', candidate: 'green' }, weight)
        expect(Object.keys(split)).toEqual(['blue', 'green'])
        expect(shareOf(split, 'green')).toBe(weight)
        expect(Math.round((shareOf(split, 'blue') + shareOf(split, 'green')) * 100)).toBe(10_000)
      }),
      { examples: [[w(0)], [w(100)]] },
    )
  })

  it('serves nobody at 0 and everybody otherwise while no release is stable', () => {
    expect(splitFor({ stable: undefined, candidate: 'blue' }, w(0))).toEqual({})
    expect(splitFor({ stable: undefined, candidate: 'blue' }, w(100))).toEqual({ blue: 100 })
  })

  it('is the same as another when every side gets the same, a missing side being a zero', () => {
    expect(sameSplit({ blue: w(100) }, { blue: w(100), green: w(0) })).toBe(true)
    expect(sameSplit({}, { blue: w(0) })).toBe(true)
    expect(sameSplit({ blue: w(100) }, { green: w(100) })).toBe(false)
    expect(sameSplit({ blue: w(75), green: w(25) }, { blue: w(75) })).toBe(false)
  })

  it('being the same does not depend on who is asked', () => {
    const splits = fc.dictionary(fc.constantFrom('blue', 'green', 'live'), weights) as fc.Arbitrary<Split>
    fc.assert(fc.property(splits, splits, (one, other) => sameSplit(one, other) === sameSplit(other, one)))
  })

  it('is said in words', () => {
    expect(describeSplit({ blue: w(75), green: w(25) })).toBe('blue 75 %, green 25 %')
    expect(describeSplit({})).toBe('nothing is routed')
  })
})

describe('the idle slot', () => {
  it('is the one where stable is not; the first release goes to blue', () => {
    expect(otherSlot('blue')).toBe('green')
    expect(otherSlot('green')).toBe('blue')
    expect(otherSlot(undefined)).toBe('blue')
  })
})
