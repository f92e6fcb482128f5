import { normalQuantile } from '../normal-quantile.js'

/** By how much the candidate's values lie above those of stable. */
export interface ShiftInterval {
  /** Mann and Whitney's statistic: pairs in which the candidate's value is the higher one; a tie is half a pair. */
  readonly statistic: number
  /** Hodges' and Lehmann's estimate: the median of the differences of all pairs. */
  readonly estimate: number
  /** The interval of all shifts that the test does not reject; without an end where so few values can reject none. */
  readonly low: number
  readonly high: number
}

/**
 * The interval in which the shift between two samples lies with a confidence (0 to 1), by the normal approximation of the rank
 * sum with the correction for ties and half a pair for continuity. Both samples must have a value, all of them finite.
 */
export function shiftInterval(
  candidate: readonly number[],
  stable: readonly number[],
  confidence: number,
): ShiftInterval {
  const differences = Float64Array.from(candidate.flatMap((one) => stable.map((other) => one - other))).sort()
  const reach = 0.5 + normalQuantile(1 - (1 - confidence) / 2) * spreadOfStatistic(candidate, stable)
  // With a shift between the k-th and the next difference, k of all pairs lie below it: rejected while |pairs/2 − k| > reach.
  const accepted = Math.ceil(differences.length / 2 - reach)
  return {
    statistic: pairsWon(differences),
    estimate: medianOf(differences),
    low: accepted < 1 ? -Infinity : (differences[accepted - 1] ?? -Infinity),
    high: accepted < 1 ? Infinity : (differences[differences.length - accepted] ?? Infinity),
  }
}

/** Standard deviation of the statistic, smaller where values of one side are equal. */
function spreadOfStatistic(candidate: readonly number[], stable: readonly number[]): number {
  const [n, m] = [candidate.length, stable.length]
  const all = n + m
  const ties = tiesIn(candidate) + tiesIn(stable)
  return Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))))
}

/** The sum of t³ − t over every value that occurs t times. */
function tiesIn(values: readonly number[]): number {
  const times = new Map<number, number>()
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1)
  return [...times.values()].reduce((sum, t) => sum + (t ** 3 - t), 0)
}

function pairsWon(differences: Float64Array): number {
  return differences.reduce((sum, difference) => sum + (difference > 0 ? 1 : difference === 0 ? 0.5 : 0), 0)
}

function medianOf(sorted: Float64Array): number {
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}
