import type { LatencySample } from '../rollout/ports/metric-source.js'
import type { Pair } from './block-evidence.js'
import { added, edgeFrom, percentileOf, requestsIn, sameEdges, slowerThan } from './histogram.js'
import { expectedShare, NO_REQUESTS } from './share-pairs.js'
import { Temper } from './temper.js'

/** Latencies of both sides in one window; a side that was not counted is undefined. */
export interface LatencyWindow {
  readonly fromMs: number
  readonly candidate: LatencySample | undefined
  readonly stable: LatencySample | undefined
}

/** How much slower than stable is tolerated: the larger of the two. */
export interface Slack {
  readonly ratio: number
  readonly ms: number
}

/** Stable requests before a percentile of theirs is believed. */
const FEWEST_REQUESTS = 50

/**
 * Turns latencies into shares: how many of the candidate's requests are slower than an edge plus what is tolerated,
 * against how many of stable's are slower than the edge. If the percentile is no worse than tolerated at any height,
 * the first is at most the second. The edge is the one nearest to stable's percentile in past blocks, so choosing it
 * uses nothing that is still to be judged.
 */
export function slowerPairs(
  windows: readonly LatencyWindow[],
  percentile: number,
  slack: Slack,
): readonly Pair[] {
  let past: LatencySample | undefined
  let last: LatencySample | undefined
  const temper = new Temper()
  return windows.map(({ fromMs, candidate, stable }) => {
    const edges = past === undefined ? undefined : edgesFor(past, percentile, slack)
    const pair = pairAt(fromMs, candidate, stable, past, edges, temper.factor)
    if (stable === undefined || requestsIn(stable) === 0) return pair
    // A guess is there only if stable's buckets are those of its past, and so those of its last block.
    if (edges !== undefined && last !== undefined && pair.guess !== undefined) {
      temper.add(slowerThan(last, edges.stable), slowerThan(stable, edges.stable), pair.guess)
    }
    past = past !== undefined && sameEdges(past, stable) ? added(past, stable) : stable
    last = stable
    return pair
  })
}

/** Indices of the edges that both sides are counted by. */
interface Edges {
  readonly stable: number
  readonly candidate: number
}

function edgesFor(past: LatencySample, percentile: number, slack: Slack): Edges | undefined {
  if (requestsIn(past) < FEWEST_REQUESTS) return undefined
  const stable = nearestEdge(past.edgesMs, percentileOf(past, percentile) ?? 0)
  const edge = past.edgesMs[stable]
  if (edge === undefined) return undefined
  const candidate = edgeFrom(past.edgesMs, Math.max(edge * slack.ratio, edge + slack.ms))
  return candidate === undefined ? undefined : { stable, candidate }
}

function nearestEdge(edgesMs: readonly number[], ms: number): number {
  const above = edgeFrom(edgesMs, ms) ?? edgesMs.length - 1
  const below = above - 1
  const distance = (index: number) => Math.abs((edgesMs[index] ?? Infinity) - ms)
  return distance(below) < distance(above) ? below : above
}

function pairAt(
  fromMs: number,
  candidate: LatencySample | undefined,
  stable: LatencySample | undefined,
  past: LatencySample | undefined,
  edges: Edges | undefined,
  temper: number,
): Pair {
  const nothing = { fromMs, candidate: NO_REQUESTS, stable: NO_REQUESTS, guess: undefined, temper }
  if (past === undefined || edges === undefined || candidate === undefined || stable === undefined)
    return nothing
  // A source that changed its buckets starts afresh: shares above different edges cannot be compared.
  if (!sameEdges(past, stable) || !sameEdges(past, candidate)) return nothing
  return {
    fromMs,
    candidate: slowerThan(candidate, edges.candidate),
    stable: slowerThan(stable, edges.stable),
    guess: expectedShare(slowerThan(past, edges.stable)),
    temper,
  }
}
