import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { growthOf } from '../../../src/metrics/prometheus/growth.js'

const series = (...samples: readonly (readonly [timeMs: number, value: number])[]) => ({
  labels: {},
  timesMs: samples.map(([timeMs]) => timeMs),
  values: samples.map(([, value]) => value),
})

const grown = (
  samples: ReturnType<typeof series>,
  cuts: readonly number[],
  base?: number,
): readonly number[] => growthOf(samples, cuts, base).grown

describe('the growth of a counter', () => {
  it('is what it went up by since the last sample before a window', () => {
    expect(grown(series([1, 10], [2, 14], [3, 15]), [1, 3])).toEqual([5])
    expect(grown(series([1, 10], [2, 14], [3, 15]), [2, 3])).toEqual([1])
  })

  it('begins at 0 again after a reset', () => {
    expect(grown(series([1, 10], [2, 3], [3, 5]), [1, 3])).toEqual([5])
    expect(grown(series([1, 10], [2, 0], [3, 0]), [1, 3])).toEqual([0])
  })

  it('has the first sample in it only where it is known what was before', () => {
    const born = series([2, 7], [3, 9])
    expect(grown(born, [1, 3])).toEqual([2])
    expect(grown(born, [1, 3], 0)).toEqual([9])
    expect(grown(born, [1, 3], 4)).toEqual([5])
    expect(grown(born, [1, 3], 8)).toEqual([9])
    expect(growthOf(born, [1, 3], undefined).sinceMs).toBe(2)
  })

  it('belongs to the window in which it was seen, the end included', () => {
    expect(grown(series([1, 0], [2, 1], [3, 3], [4, 6]), [1, 2, 3, 4])).toEqual([1, 2, 3])
    // A gap: everything is seen when the scrapes come back.
    expect(growthOf(series([1, 0], [6, 10]), [1, 3, 5, 7], undefined)).toMatchObject({
      grown: [0, 0, 10],
      seen: [false, false, true],
    })
  })

  it('ends with the last cut', () => {
    expect(grown(series([1, 0], [2, 1], [9, 100]), [1, 3])).toEqual([1])
  })

  /** Requests by scrape, and whether the process began anew before it. */
  const life = fc.array(fc.record({ requests: fc.nat(50), restarted: fc.boolean() }), {
    minLength: 1,
    maxLength: 30,
  })

  it('loses and doubles nothing, wherever it is cut', () => {
    fc.assert(
      fc.property(life, fc.array(fc.nat(310), { maxLength: 8 }), (scrapes, cuts) => {
        let value = 0
        const samples = scrapes.map(({ requests, restarted }, index): readonly [number, number] => {
          const before = value
          value = restarted ? requests : value + requests
          // A process that has already overtaken its former self cannot be told from one that went on.
          if (restarted && requests >= before) value = before + requests
          return [(index + 1) * 10, value]
        })
        const all = scrapes.reduce((sum, { requests }) => sum + requests, 0)
        const sorted = [0, ...cuts, 310].sort((one, other) => one - other)
        const parts = grown(series(...samples), sorted, 0)
        expect(parts.every((part) => part >= 0)).toBe(true)
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(all)
      }),
    )
  })
})
