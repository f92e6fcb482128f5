import type { Series } from './series.js'

/** What a counter grew by between cuts of time. */
export interface Growth {
  readonly labels: Series['labels']
  /** `grown[i]` from `cuts[i]` (excluded) to `cuts[i + 1]` (included). */
  readonly grown: readonly number[]
  /** Since when its growth is known, milliseconds since 1970: when it was first seen, or always if its base is known. */
  readonly sinceMs: number
  /** Whether there was a sample in that time at all. */
  readonly seen: readonly boolean[]
}

/**
 * Cuts the growth of a counter at moments of time, oldest first. A value below the one before is a reset, after which the counter
 * began at 0 again. Growth belongs to the moment when it was seen, so pieces side by side lose and double nothing.
 * @param base what the counter stood at before its first sample, where that is known: 0 for a series that was born since
 */
export function growthOf(series: Series, cutsMs: readonly number[], base: number | undefined): Growth {
  const pieces = Math.max(0, cutsMs.length - 1)
  const grown = new Array<number>(pieces).fill(0)
  const seen = new Array<boolean>(pieces).fill(false)
  let before = base
  let piece = -1
  for (const [index, timeMs] of series.timesMs.entries()) {
    const value = series.values[index] ?? 0
    while (piece + 1 < cutsMs.length && timeMs > (cutsMs[piece + 1] ?? Infinity)) piece++
    if (piece >= 0 && piece < pieces) {
      seen[piece] = true
      if (before !== undefined) grown[piece] = (grown[piece] ?? 0) + (value < before ? value : value - before)
    }
    before = value
  }
  return {
    labels: series.labels,
    grown,
    sinceMs: base === undefined ? (series.timesMs[0] ?? Infinity) : -Infinity,
    seen,
  }
}
