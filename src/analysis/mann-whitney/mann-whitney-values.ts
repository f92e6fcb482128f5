import type { MannWhitneyRule } from '../../rollout/ports/judge.js'

/** Values of one side, oldest first; undefined where it had no data. */
export type Gaps = readonly (number | undefined)[]

/**
 * The values that are compared: missing ones are left out or count as 0, and outliers are dropped where that is asked for. A side
 * that never had data stays without: zeros for all of it would be made up.
 */
export function comparedValues(
  values: Gaps,
  { missing = 'remove', outlierFactor }: MannWhitneyRule,
): readonly number[] {
  const known = values.filter((value) => value !== undefined)
  const filled = missing === 'zero' && known.length > 0 ? values.map((value) => value ?? 0) : known
  return outlierFactor === undefined ? filled : withoutOutliers(filled, outlierFactor)
}

/** Drops what lies further than `factor` interquartile ranges below the lower quartile or above the upper one. */
function withoutOutliers(values: readonly number[], factor: number): readonly number[] {
  const sorted = values.toSorted((one, other) => one - other)
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  const reach = factor * (high - low)
  return values.filter((value) => value >= low - reach && value <= high + reach)
}

/** At rank `part · (n + 1)`, between two values in proportion. */
function quantile(sorted: readonly number[], part: number): number {
  const rank = Math.min(Math.max(part * (sorted.length + 1), 1), sorted.length)
  const below = sorted[Math.floor(rank) - 1] ?? NaN
  const above = sorted[Math.ceil(rank) - 1] ?? NaN
  return below + (rank - Math.floor(rank)) * (above - below)
}

/** The candidate's mean as a multiple of that of stable: 1 where both are 0, without end where only that of stable is. */
export function effectSize(candidate: readonly number[], stable: readonly number[]): number {
  const [ofCandidate, ofStable] = [mean(candidate), mean(stable)]
  return ofCandidate === ofStable ? 1 : ofCandidate / ofStable
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
