import { requestsIn, slowerThan, type Histogram } from '../../rollout/evidence/histogram.js'
import { logLikelihood } from '../e-value/likelihood.js'
import { averaged } from '../shares/share-interval.js'

const { log } = Math

/** Between which edges a percentile lies, in milliseconds; no upper bound where the histogram ends below it. */
export interface PercentileBounds {
  readonly low: number
  readonly high: number | undefined
}

/**
 * An always-valid interval of a percentile, by bucket edges: it lies above an edge that more requests are slower than, and
 * at or below one that fewer are. Each edge is a share, tested as in ShareIntervals; errors at different edges imply each
 * other, so two tests spend alpha together (Howard and Ramdas, "Sequential estimation of quantiles").
 * @param alpha chance that the percentile ever lies outside, 0 to 1
 * @param temper by how much blocks vary more than independent requests would
 */
export function percentileBounds(
  sum: Histogram,
  percentile: number,
  alpha: number,
  temper: number,
): PercentileBounds {
  const slower = 1 - percentile / 100
  const needed = log(2 / alpha)
  const edges = sum.edgesMs.length
  if (requestsIn(sum) === 0) return { low: 0, high: undefined }
  /** 1: the percentile lies above the edge; −1: at or below it; 0: neither is certain. It falls from edge to edge. */
  const sideOf = (edge: number): number => {
    const { requests, bad } = slowerThan(sum, edge)
    const counts = { requests: requests / temper, bad: bad / temper }
    if (!(averaged(counts, slower) - logLikelihood(counts, slower) >= needed)) return 0
    return bad / requests > slower ? 1 : -1
  }
  const above = firstOf(edges, (edge) => sideOf(edge) < 1)
  const below = firstOf(edges, (edge) => sideOf(edge) < 0)
  return { low: above === 0 ? 0 : (sum.edgesMs[above - 1] ?? 0), high: sum.edgesMs[below] }
}

/** The first of `count` numbers from 0 for which something holds that holds for all after it; `count` if it holds for none. */
function firstOf(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
