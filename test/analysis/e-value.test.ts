import { describe, expect, it } from '@jest/globals'
import {
  limitEvidence,
  logRatio,
  pairEvidence,
  SHARE_ALTERNATIVES,
} from '../../src/analysis/block-evidence.js'
import { closestNull, type Counts, type Null } from '../../src/analysis/closest-null.js'
import { logSum, sequentialEvidence } from '../../src/analysis/sequential-evidence.js'

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
      const pair = { fromMs: 0, candidate: counts(xc, nc), stable: counts(xb, nb), guess, temper: 1 }
      pairEvidence(ratio(1), pair, SHARE_ALTERNATIVES).forEach((log, i) => (sums[i] = (sums[i] ?? 0) + log))
      past = counts(past.bad + xb, past.requests + nb)
      return logSum(SHARE_ALTERNATIVES.map(({ weight }, i) => Math.log(weight) + (sums[i] ?? 0)))
    })
    seen.forEach((log, i) => expect(log).toBeCloseTo(wanted[i] ?? NaN, 8))
  })

  it('is nothing without a guess, or where one side had no requests', () => {
    const none = SHARE_ALTERNATIVES.map(() => 0)
    const pair = { fromMs: 0, candidate: counts(5, 5), stable: counts(0, 95), guess: undefined, temper: 1 }
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
  const one = [{ odds: 2, weight: 1 }]
  const blocks = (logs: readonly number[]) => logs.map((log, i) => ({ fromMs: i * 1_000, logs: [log] }))

  it('lets no two adjacent blocks decide', () => {
    expect(sequentialEvidence(blocks([0, 50, 50, 0, 0]), one)).toBeLessThan(0.001)
    expect(sequentialEvidence(blocks([0, 50, 50, 5, 5]), one)).toBeGreaterThan(8)
  })

  it('finds a regression that begins after minutes of good behaviour', () => {
    const late = [...Array.from({ length: 300 }, () => -0.5), ...Array.from({ length: 20 }, () => 1.5)]
    const sum = late.reduce((total, log) => total + log, 0)
    expect(sum).toBeLessThan(-100)
    expect(sequentialEvidence(blocks(late), one)).toBeGreaterThan(10)
  })

  it('spends at most all of its weight on starts', () => {
    const flat = blocks(Array.from({ length: 600 }, () => 0))
    expect(sequentialEvidence(flat, one)).toBeCloseTo(0, 9)
  })
})
