import type { Series } from './series.js'

/** Pauses between samples without which nothing is said. */
const FEWEST_PAUSES = 3

/** Prometheus moves scrapes by a few milliseconds: intervals are given in whole tenths of a second. */
const GRAIN_MS = 100

/**
 * How far apart samples are scraped, in milliseconds: the median pause within each series, since a gap is one pause among many, and
 * of several targets the slowest. Undefined where there are too few samples to tell.
 */
export function scrapeIntervalOf(series: readonly Series[]): number | undefined {
  let slowest: number | undefined
  for (const { timesMs } of series) {
    const pauses = timesMs.slice(1).map((timeMs, index) => timeMs - (timesMs[index] ?? timeMs))
    if (pauses.length < FEWEST_PAUSES) continue
    const median = pauses.sort((one, other) => one - other)[Math.floor(pauses.length / 2)] ?? 0
    if (slowest === undefined || median > slowest) slowest = median
  }
  return slowest === undefined ? undefined : Math.max(GRAIN_MS, Math.round(slowest / GRAIN_MS) * GRAIN_MS)
}
