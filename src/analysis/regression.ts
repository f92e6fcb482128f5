import type { MetricRule } from '../rollout/ports/judge.js'
import type { Margin } from './margin.js'

/** How bad a release may still be by what was seen. */
export interface Regression {
  /** As a multiple of stable; undefined where stable gives nothing to multiply. */
  readonly ratio: number | undefined
  /** Worse than stable by this much: a share from 0 to 1, milliseconds, or the unit of the mean; at least 0. */
  readonly more: number
  /** Of a latency: what the candidate's percentile may be, in milliseconds. */
  readonly upToMs?: number
}

/**
 * Whether a regression is beyond the margin that a release must be shown not to reach before it passes early. Milliseconds and
 * means have a margin as a multiple alone. What the buckets of a latency are too coarse to tell is no lack of evidence.
 * @param boundMs of a latency: the bucket edge that it is held against
 */
export function isBeyond(
  margin: Margin,
  { kind, worse }: Pick<MetricRule, 'kind' | 'worse'>,
  { ratio, more, upToMs }: Regression,
  boundMs?: number,
): boolean {
  switch (kind) {
    case 'share':
      return more > margin.share && (ratio === undefined || ratio > margin.ratio)
    case 'latency':
      if (ratio === undefined || upToMs === undefined) return false
      return ratio > margin.ratio && (boundMs === undefined || upToMs > boundMs)
    case 'mean':
    case 'scalar':
      if (worse === 'lower') return ratio === undefined || ratio < 1 / margin.ratio
      return ratio !== undefined && ratio > margin.ratio
  }
}
