import type { MeanSample } from '../../rollout/ports/metric-source.js'
import type { Growth } from './growth.js'
import { identityWithoutName, type Series } from './series.js'
import { grownIn, type Unknown } from './share-counts.js'
import { wholeCount } from './whole-count.js'

/** What came between two scrapes of one series: how many values, and their sum. */
export interface Batch {
  readonly count: number
  readonly sum: number
}

/**
 * The batches of raw samples. Sum and count of one scrape have the same time and labels; where a scrape has only one of them it is
 * left out. A count that falls is a reset of both.
 */
export function batchesOf(sums: readonly Series[], counts: readonly Series[]): readonly Batch[] {
  const sumOf = new Map(sums.map((one) => [identityWithoutName(one.labels), one]))
  return counts.flatMap((count) => {
    const sum = sumOf.get(identityWithoutName(count.labels))
    if (sum === undefined) return []
    const sumAt = new Map(sum.timesMs.map((timeMs, index) => [timeMs, sum.values[index] ?? 0]))
    const batches: Batch[] = []
    let before: Batch | undefined
    for (const [index, timeMs] of count.timesMs.entries()) {
      const now = { count: count.values[index] ?? 0, sum: sumAt.get(timeMs) ?? NaN }
      if (Number.isNaN(now.sum)) continue
      const since = before === undefined || now.count < before.count ? undefined : before
      if (before !== undefined)
        batches.push({ count: now.count - (since?.count ?? 0), sum: now.sum - (since?.sum ?? 0) })
      before = now
    }
    return batches.filter((batch) => batch.count > 0)
  })
}

/**
 * The variance of single values, of which Prometheus keeps no squares: the means of batches of n independent values vary by 1/n of
 * it, so that it is the weighted variance of the batch means, sum of n (mean − overall mean)² over the number of batches less one.
 * Values that come in clumps make it larger, which is on the safe side. Undefined with fewer than two batches.
 */
export function varianceOf(batches: readonly Batch[]): number | undefined {
  if (batches.length < 2) return undefined
  const all = batches.reduce((sum, batch) => ({ count: sum.count + batch.count, sum: sum.sum + batch.sum }))
  const mean = all.sum / all.count
  const spread = batches.reduce((sum, batch) => sum + batch.count * (batch.sum / batch.count - mean) ** 2, 0)
  return spread / (batches.length - 1)
}

/** Values of one side in one piece of time; undefined if no sample was taken in that time. */
export function meanIn(
  piece: number,
  sums: readonly Growth[],
  counts: readonly Growth[],
  variance: number | undefined,
): MeanSample | Unknown | undefined {
  if (!counts.some(({ seen }) => seen[piece])) return undefined
  const [sum, grown] = [grownIn(sums, piece), grownIn(counts, piece)]
  const count = wholeCount(grown)
  if (count === undefined)
    return { kind: 'unknown', why: `${grown} is no count of values: a counter is wanted` }
  if (count === 0) return { kind: 'mean', count, sum: 0, sumOfSquares: 0 }
  if (variance === undefined) {
    return { kind: 'unknown', why: 'the spread of the values is not known before they came in two scrapes' }
  }
  return { kind: 'mean', count, sum, sumOfSquares: count * (variance + (sum / count) ** 2) }
}
