import type { PodShare, ShareSample } from '../../rollout/ports/metric-source.js'
import { groupedByPod, type PodOf } from './by-pod.js'
import type { Growth } from './growth.js'
import { wholeCount } from './whole-count.js'

/** Nothing can be said of a piece of time, and why. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly why: string
  /** Nothing was scraped, rather than something that makes no sense. */
  readonly silent?: true
}

/**
 * Requests and bad ones of one side in one piece of time. No series of bad ones while there are some of requests is no error;
 * undefined if no sample of the requests was taken in that time.
 */
export function shareIn(
  piece: number,
  requests: readonly Growth[],
  bad: readonly Growth[],
  podOf: PodOf,
): ShareSample | Unknown | undefined {
  if (!requests.some(({ seen }) => seen[piece])) return undefined
  const [all, wrong] = [grownIn(requests, piece), grownIn(bad, piece)]
  const counts = { requests: wholeCount(all), bad: wholeCount(wrong) }
  if (counts.requests === undefined || counts.bad === undefined) {
    const fraction = counts.requests === undefined ? all : wrong
    return {
      kind: 'unknown',
      why: `${fraction} is no count of requests: counters are wanted, not rates or gauges`,
    }
  }
  if (counts.bad > counts.requests) {
    const why = `${counts.bad} bad ones of ${counts.requests} requests: bad must select some of what requests selects`
    return { kind: 'unknown', why }
  }
  const pods = podShares(piece, requests, bad, podOf)
  return { kind: 'share', requests: counts.requests, bad: counts.bad, ...(pods && { pods }) }
}

/** Left out where one pod seems to have more bad ones than requests: its counters were read while they moved. */
function podShares(
  piece: number,
  requests: readonly Growth[],
  bad: readonly Growth[],
  podOf: PodOf,
): Record<string, PodShare> | undefined {
  const [all, wrong] = [groupedByPod(requests, podOf), groupedByPod(bad, podOf)]
  if (all === undefined || wrong === undefined) return undefined
  const shares: Record<string, PodShare> = {}
  for (const pod of new Set([...all.keys(), ...wrong.keys()])) {
    const share = [all, wrong].map((groups) => wholeCount(grownIn(groups.get(pod) ?? [], piece)) ?? NaN)
    const [count = 0, badOnes = 0] = share
    if (!(badOnes <= count)) return undefined
    if (count > 0 || all.get(pod)?.some(({ seen }) => seen[piece])) shares[pod] = [count, badOnes]
  }
  return shares
}

export function grownIn(growths: readonly Growth[], piece: number): number {
  return growths.reduce((sum, { grown }) => sum + (grown[piece] ?? 0), 0)
}
