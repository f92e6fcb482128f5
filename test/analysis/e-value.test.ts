import { describe, expect, it } from '@jest/globals'
import {
  limitEvidence,
  logRatio,
  pairEvidence,
  SHARE_ALTERNATIVES,
} from '../../src/analysis/e-value/block-evidence.js'
import { closestNull, type Counts, type Null } from '../../src/analysis/e-value/closest-null.js'
import {
  logSum,
  ONE_START,
  SequentialEvidence,
  startsWithin,
} from '../../src/analysis/e-value/sequential-evidence.js'

const ratio = (factor: number): Null => ({ kind: 'ratio', factor })
const shift = (points: number): Null => ({ kind: 'shift', points })
const counts = (bad: number, requests: number): Counts => ({ requests, bad })

describe('the evidence of one block', () => {
  // (bad and all requests of candidate and stable; guesses), computed apart, to nine digits.
  it.each([
    ['at most as bad', ratio(1), 1, 50, 1, 950, 0.002, 0.001, 0.00105, 0.00105, 0.596444438],
    ['at most as bad', ratio(1), 3, 50, 1, 950, 0.01, 0.001, 0.00145, 0.00145, 5.44490851],
    ['a quarter worse', ratio(1.25), 3, 50, 1, 950, 0.01, 0.001, 0.001790305, 0.001432244, 4.823907491],
    ['0.05 points worse', shift(0.0005), 3, 50, 1, 950, 0.01, 0.001, 0.001812194, 0.001312194, 4.761939312],
  ])('against "%s"', (_, nul, xc, nc, xb, nb, qc, qb, tc, tb, logE) => {
    const guess = { candidate: qc, stable: qb }
    const closest = closestNull(nul, guess, { candidate: nc, stable: nb })
    expect(closest.candidate).toBeCloseTo(tc, 8)
    expect(closest.stable).toBeCloseTo(tb, 8)
    expect(logRatio(nul, guess, counts(xc, nc), counts(xb, nb))).toBeCloseTo(logE, 8)
  })

  it('adds up over blocks to the mixture of all alternatives', () => {
    const blocks = [
      [0, 50, 1, 950],
      [1, 48, 0, 960],
      [0, 53, 2, 940],
      [1, 50, 1, 950],
      [2, 51, 1, 945],
      [1, 49, 0, 955],
    ] as const
    const wanted = [-0.188302626, 1.046897076, 0.545008472, 1.612574084, 4.593613452, 6.585494861]
    let past = counts(60, 60_000)
    const sums = SHARE_ALTERNATIVES.map(() => 0)
    const seen = blocks.map(([xc, nc, xb, nb]) => {
      const guess = (past.bad + 0.5) / (past.requests + 1)
      const pair = { candidate: counts(xc, nc), stable: counts(xb, nb), guess, temper: 1 }
      pairEvidence(ratio(1), pair, SHARE_ALTERNATIVES).forEach((log, i) => (sums[i] = (sums[i] ?? 0) + log))
      past = counts(past.bad + xb, past.requests + nb)
      return logSum(SHARE_ALTERNATIVES.map(({ weight }, i) => Math.log(weight) + (sums[i] ?? 0)))
    })
    seen.forEach((log, i) => expect(log).toBeCloseTo(wanted[i] ?? NaN, 8))
  })

  it('is nothing without a guess, or where one side had no requests', () => {
    const none = SHARE_ALTERNATIVES.map(() => 0)
    const pair = { candidate: counts(5, 5), stable: counts(0, 95), guess: undefined, temper: 1 }
    expect(pairEvidence(ratio(1), pair, SHARE_ALTERNATIVES)).toEqual(none)
    expect(pairEvidence(ratio(1), { ...pair, guess: 0.1, stable: counts(0, 0) }, SHARE_ALTERNATIVES)).toEqual(
      none,
    )
    expect(
      pairEvidence(ratio(1), { ...pair, guess: 0.1, candidate: counts(0, 0) }, SHARE_ALTERNATIVES),
    ).toEqual(none)
  })

  it('counts against a limit when more than the limit is bad, and for it when less is', () => {
    expect(Math.min(...limitEvidence(0.05, counts(60, 100), SHARE_ALTERNATIVES))).toBeGreaterThan(0)
    expect(Math.max(...limitEvidence(0.05, counts(0, 100), SHARE_ALTERNATIVES))).toBeLessThan(0)
  })
})

describe('the evidence of many blocks', () => {
  const HALF_HOUR = startsWithin(1_800_000)
  const at = (i: number, ms: number) => ({ fromMs: i * ms, toMs: (i + 1) * ms, observedMs: i * ms })
  const over = (logs: readonly number[], starts = HALF_HOUR, blockMs = 1_000) => {
    const evidence = new SequentialEvidence([1], starts)
    logs.forEach((log, i) => evidence.add([log], at(i, blockMs)))
    return evidence.logE
  }

  it('lets no two adjacent blocks decide', () => {
    expect(over([0, 50, 50, 0, 0])).toBeLessThan(0.001)
    expect(over([0, 50, 50, 5, 5])).toBeGreaterThan(8)
    expect(over([-1, 50, -1], ONE_START)).toBeCloseTo(-2, 9)
  })

  it.each([
    ['1 s', 1_000, 11],
    ['2 s', 2_000, 6],
    ['5 s', 5_000, 3],
    ['10 s', 10_000, 2],
    ['60 s', 60_000, 2],
  ])('lets no outage of 10 s decide, whenever it begins: with blocks of %s', (_, blockMs, touched) => {
    const starts = startsWithin(1_800_000, 10_000)
    const bad = (count: number) => [0, 0, ...Array.from({ length: count }, () => 50), -1, 0]
    expect(over(bad(touched), starts, blockMs)).toBeLessThan(0.001)
    expect(over(bad(touched + 1), starts, blockMs)).toBeGreaterThan(40)
  })

  it('takes the best run of the blocks from each sum, and from one that began later only blocks of its own', () => {
    const logs = Array.from({ length: 130 }, (_, i) => ((i * 7919) % 13) / 4 - 1.4)
    const sumWithoutRun = (all: readonly number[]) => {
      let most = 0
      for (let from = 0; from < all.length; from++)
        for (let to = from + 1; to <= Math.min(all.length, from + 11); to++)
          most = Math.max(
            most,
            all.slice(from, to).reduce((sum, log) => sum + log, 0),
          )
      return all.reduce((sum, log) => sum + log, 0) - most
    }
    const starts = startsWithin(300_000, 10_000)
    for (const length of [1, 12, 61, 65, 125, 130]) {
      const seen = logs.slice(0, length)
      const later = [1, 2, 3, 4].map((minute) => Math.exp(sumWithoutRun(seen.slice(minute * 60))))
      const wanted = 0.5 * Math.exp(sumWithoutRun(seen)) + (later.reduce((sum, e) => sum + e, 0) * 0.5) / 4
      expect(over(seen, starts)).toBeCloseTo(Math.log(wanted), 9)
    }
  })

  it('finds a regression that begins after minutes of good behaviour', () => {
    const late = [...Array.from({ length: 300 }, () => -0.5), ...Array.from({ length: 20 }, () => 1.5)]
    expect(over(late, ONE_START)).toBeLessThan(-100)
    expect(over(late)).toBeGreaterThan(10)
  })

  it('weighs the first start one half, and all 29 later ones of half an hour together the other half', () => {
    expect(HALF_HOUR).toEqual({ later: 29, everyMs: 60_000, outageMs: 0 })
    // Blocks of 30 s of -1 each, without anything to leave out: starts after 0, 1 and 2 minutes have seen 6, 4 and 2.
    const wanted = 0.5 * Math.exp(-6) + (0.5 / 29) * (Math.exp(-4) + Math.exp(-2) + 27)
    expect(over([-1, -1, -1, -1, -1, -1], HALF_HOUR, 30_000)).toBeCloseTo(Math.log(wanted), 9)
  })

  it('spends all of its weight on starts and no more, however long blocks are', () => {
    for (const blockMs of [1_000, 60_000, 250_000, 3_600_000])
      expect(
        over(
          Array.from({ length: 600 }, () => 0),
          HALF_HOUR,
          blockMs,
        ),
      ).toBeCloseTo(0, 9)
  })

  it('starts again at most sixty times, so that a look of a long hold costs no more', () => {
    expect(startsWithin(24 * 3_600_000)).toEqual({ later: 59, everyMs: 1_440_000, outageMs: 0 })
    expect(startsWithin(0)).toEqual({ later: 0, everyMs: 60_000, outageMs: 0 })
  })
})
