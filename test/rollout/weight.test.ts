import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseWeight, rest, type Weight } from '../../src/rollout/weight.js'

/** Any weight that there is: hundredths of a percent. */
const weights = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => (hundredths / 100) as Weight)

describe('a weight', () => {
  it.each([
    ['25', 25],
    ['25%', 25],
    [' 0.5 % ', 0.5],
    ['99.99', 99.99],
    [100, 100],
    ['0', 0],
  ])('is read from %j', (given, value) => {
    expect(parseWeight(given)).toBe(value)
  })

  // Trap 34: parseInt let NaN and 25abc through.
  it.each(['', 'NaN', '25abc', '-1', '100.01', '101', '1e1', '0.001', 'Infinity', '0x10', '5 5', '５', '.5'])(
    'is refused as %j, naming what was given and what is allowed',
    (given) => {
      expect(() => parseWeight(given, 'weight of step 2')).toThrow(
        `weight of step 2: ${JSON.stringify(given)} is not a weight`,
      )
    },
  )

  it('survives being written and read, whatever it is', () => {
    fc.assert(fc.property(weights, (weight) => parseWeight(String(weight)) === weight))
  })

  it('and its rest are 100 to the hundredth, free of binary rounding', () => {
    fc.assert(
      fc.property(weights, (weight) => {
        const other = rest(weight)
        expect(Math.round(other * 100) + Math.round(weight * 100)).toBe(10_000)
        expect(String(other)).toMatch(/^\d+(\.\d{1,2})?$/)
        expect(rest(other)).toBe(weight)
      }),
    )
    expect(rest(33.3 as Weight)).toBe(66.7)
  })
})
