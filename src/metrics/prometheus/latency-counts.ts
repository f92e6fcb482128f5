import type { LatencySample } from '../../rollout/ports/metric-source.js'
import type { Histogram } from './bucket-edges.js'
import { groupedByPod, type PodOf } from './by-pod.js'
import { wholeCount } from './whole-count.js'

/** Requests of one side in one piece of time by latency; undefined if no sample was taken in that time. */
export function latencyIn(
  piece: number,
  histograms: readonly Histogram[],
  edgesMs: readonly number[],
  podOf: PodOf,
): LatencySample | undefined {
  if (!histograms.some(({ upTo }) => [...upTo.values()].some(({ seen }) => seen[piece]))) return undefined
  const byPod = groupedByPod(histograms, podOf)
  const counts = countsIn(piece, histograms, edgesMs)
  if (byPod === undefined) return { kind: 'latency', edgesMs, counts }
  const pods = Object.fromEntries([...byPod].map(([pod, own]) => [pod, countsIn(piece, own, edgesMs)]))
  return { kind: 'latency', edgesMs, counts: sumOf(Object.values(pods), edgesMs.length + 1), pods }
}

/** Cumulative counts made into one for each bucket. A bucket that was read while it moved is never less than nothing. */
function countsIn(
  piece: number,
  histograms: readonly Histogram[],
  edgesMs: readonly number[],
): readonly number[] {
  const counts = [...edgesMs, Infinity].map(() => 0)
  for (const { upTo } of histograms) {
    let below = 0
    for (const [index, edge] of [...edgesMs, Infinity].entries()) {
      const grown = upTo.get(edge)?.grown[piece] ?? 0
      const cumulative = Math.max(below, wholeCount(grown) ?? Math.round(grown))
      counts[index] = (counts[index] ?? 0) + cumulative - below
      below = cumulative
    }
  }
  return counts
}

function sumOf(parts: readonly (readonly number[])[], length: number): readonly number[] {
  return Array.from({ length }, (_, index) => parts.reduce((sum, part) => sum + (part[index] ?? 0), 0))
}
