import type { LatencySample } from '../ports/metric-source.js'

/** Requests, and how many of them were bad, or slower than something. Whole numbers, `bad` at most `requests`. */
export interface Counts {
  readonly requests: number
  readonly bad: number
}

/** Requests by latency, as in a LatencySample. */
export type Histogram = Pick<LatencySample, 'edgesMs' | 'counts'>

/** Requests of a histogram. */
export function requestsIn({ counts }: Pick<Histogram, 'counts'>): number {
  let requests = 0
  for (let i = 0; i < counts.length; i++) requests += counts[i] ?? 0
  return requests
}

/** Requests that took longer than an edge of the histogram count as bad. */
export function slowerThan({ counts }: Pick<Histogram, 'counts'>, edgeIndex: number): Counts {
  let requests = 0
  let bad = 0
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0
    requests += count
    if (i > edgeIndex) bad += count
  }
  return { requests, bad }
}

/**
 * A percentile (0 to 100) in milliseconds, by linear interpolation inside its bucket; the last edge where it lies beyond.
 * Undefined without requests.
 */
export function percentileOf({ edgesMs, counts }: Histogram, percentile: number): number | undefined {
  const total = requestsIn({ counts })
  if (total === 0) return undefined
  const rank = (total * percentile) / 100
  let below = 0
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0
    if (count > 0 && below + count >= rank) {
      const lower = i === 0 ? 0 : (edgesMs[i - 1] ?? 0)
      const upper = edgesMs[i] ?? lower
      return lower + ((rank - below) / count) * (upper - lower)
    }
    below += count
  }
  return edgesMs.at(-1)
}

/** The index of the first edge at or above a latency; undefined if the histogram ends below it. */
export function edgeFrom(edgesMs: readonly number[], ms: number): number | undefined {
  // An edge that is the wanted latency itself must not be missed by the last binary digit.
  const index = edgesMs.findIndex((edge) => edge >= ms * (1 - 1e-9))
  return index < 0 ? undefined : index
}

/** Whether two histograms have the same edges, so that their counts can be compared and added. */
export function sameEdges({ edgesMs: one }: Histogram, { edgesMs: other }: Histogram): boolean {
  if (one === other) return true
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}

/** Two histograms of the same edges as one; what is known of single pods is left out. */
export function added(one: Histogram, other: Histogram): LatencySample {
  return {
    kind: 'latency',
    edgesMs: one.edgesMs,
    counts: one.counts.map((count, i) => count + (other.counts[i] ?? 0)),
  }
}
