import type { Growth } from './growth.js'
import { identityOf } from './series.js'

/** The buckets of one histogram: of one pod, path and status, say. Counts are cumulative. */
export interface Histogram {
  readonly labels: Growth['labels']
  /** By upper edge in milliseconds; Infinity is all. */
  readonly upTo: ReadonlyMap<number, Growth>
}

/** Why buckets cannot be read, in words. */
export class BucketFault extends Error {}

/** Series of buckets gathered into histograms. @throws BucketFault if they have no `le`, or none for all */
export function histogramsOf(buckets: readonly Growth[], unit: 's' | 'ms'): readonly Histogram[] {
  const found = new Map<string, { labels: Growth['labels']; upTo: Map<number, Growth> }>()
  for (const bucket of buckets) {
    const { le, ...labels } = bucket.labels
    if (le === undefined)
      throw new BucketFault('series without the label le: the series that ends in _bucket is wanted')
    const key = identityOf(labels)
    const histogram = found.get(key) ?? { labels, upTo: new Map<number, Growth>() }
    histogram.upTo.set(edgeMs(le, unit), bucket)
    found.set(key, histogram)
  }
  for (const { upTo } of found.values()) {
    if (!upTo.has(Infinity)) throw new BucketFault('a histogram without le="+Inf": select all its buckets')
  }
  return [...found.values()]
}

/**
 * Finite edges above 0 that all histograms have, ascending: cumulative counts at common edges are exact, whatever else there
 * is. An edge at 0, which OpenTelemetry's default buckets have, is one that nothing is below.
 */
export function commonEdges(histograms: readonly Histogram[]): readonly number[] {
  const [first, ...others] = histograms
  if (first === undefined) return []
  return [...first.upTo.keys()]
    .filter((edge) => edge > 0 && Number.isFinite(edge) && others.every(({ upTo }) => upTo.has(edge)))
    .sort((one, other) => one - other)
}

/** `0.5`, `.5`, `5e-1` and `0.50` are one edge, and 0.0082 s are 8.2 ms and not 8.200000000000001. */
function edgeMs(le: string, unit: 's' | 'ms'): number {
  if (le === '+Inf') return Infinity
  const edge = Number(le)
  if (le.trim() === '' || Number.isNaN(edge))
    throw new BucketFault(`an edge that is no number: le=${JSON.stringify(le)}`)
  return Number((unit === 's' ? edge * 1_000 : edge).toPrecision(12))
}
