import type { LatencySample } from '../rollout/ports/metric-source.js'
import type { Counts } from './closest-null.js'

/** Requests of a histogram. */
export function requestsIn({ counts }: LatencySample): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Requests that took longer than an edge of the histogram count as bad. */
export function slowerThan(sample: LatencySample, edgeIndex: number): Counts {
  let requests = 0
  let bad = 0
  for (let i = 0; i < sample.counts.length; i++) {
    const count = sample.counts[i] ?? 0
    requests += count
    if (i > edgeIndex) bad += count
  }
  return { requests, bad }
}

/** A percentile by linear interpolation inside its bucket; the last edge where it lies beyond. Undefined without requests. */
export function percentileOf(sample: LatencySample, percentile: number): number | undefined {
  const total = requestsIn(sample)
  if (total === 0) return undefined
  const rank = (total * percentile) / 100
  let below = 0
  for (const [index, count] of sample.counts.entries()) {
    if (count > 0 && below + count >= rank) {
      const lower = index === 0 ? 0 : (sample.edgesMs[index - 1] ?? 0)
      const upper = sample.edgesMs[index] ?? lower
      return lower + ((rank - below) / count) * (upper - lower)
    }
    below += count
  }
  return sample.edgesMs.at(-1)
}

/** The first edge at or above a latency; undefined if the histogram ends below it. */
export function edgeFrom(edgesMs: readonly number[], ms: number): number | undefined {
  // An edge that is the wanted latency itself must not be missed by the last binary digit.
  const index = edgesMs.findIndex((edge) => edge >= ms * (1 - 1e-9))
  return index < 0 ? undefined : index
}

/** Whether two histograms have the same edges, so that their counts can be compared and added. */
export function sameEdges(one: LatencySample, other: LatencySample): boolean {
  if (one.edgesMs === other.edgesMs) return true
  if (one.edgesMs.length !== other.edgesMs.length) return false
  for (let i = 0; i < one.edgesMs.length; i++) if (one.edgesMs[i] !== other.edgesMs[i]) return false
  return true
}

/** Adds two histograms of the same edges. */
export function added(one: LatencySample, other: LatencySample): LatencySample {
  return { ...one, counts: one.counts.map((count, index) => count + (other.counts[index] ?? 0)) }
}
