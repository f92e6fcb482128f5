import { requestsIn, slowerThan, type Histogram } from '../rollout/histogram.js'
import { logLikelihood } from './likelihood.js'
import { averaged } from './share-interval.js'

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
  let low = 0
  if (requestsIn(sum) === 0) return { low, high: undefined }
  for (const [index, edge] of sum.edgesMs.entries()) {
    const { requests, bad } = slowerThan(sum, index)
    const counts = { requests: requests / temper, bad: bad / temper }
    const isExcluded = averaged(counts, slower) - logLikelihood(counts, slower) >= needed
    if (!isExcluded) continue
    if (bad / requests > slower) low = edge
    else return { low, high: edge }
  }
  return { low, high: undefined }
}
