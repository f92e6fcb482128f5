import { DEFAULT_TOLERANCE } from '../rollout/ports/default-tolerance.js'
import type { MetricRule } from '../rollout/ports/judge.js'
import type { Null } from './e-value/closest-null.js'

export const DEFAULT_PERCENTILE = 95

/** How much worse than stable is tolerated: whichever is more. */
export interface Tolerance {
  /** Times stable, at least 1. */
  readonly ratio: number
  /** More than stable: a share from 0 to 1, or milliseconds; 0 for means. */
  readonly more: number
}

/** Where a rule says one of two tolerances, the other one adds nothing. */
export function toleranceOf(rule: MetricRule): Tolerance {
  const ratio = atLeast(1, rule.tolerateRatio)
  switch (rule.kind) {
    case 'share':
      return {
        ratio: ratio ?? (rule.tolerateShare === undefined ? DEFAULT_TOLERANCE.shareRatio : 1),
        more:
          atLeast(0, rule.tolerateShare) ??
          (rule.tolerateRatio === undefined ? DEFAULT_TOLERANCE.shareMore : 0),
      }
    case 'latency':
      return {
        ratio: ratio ?? (rule.tolerateMs === undefined ? DEFAULT_TOLERANCE.latencyRatio : 1),
        more: atLeast(0, rule.tolerateMs) ?? 0,
      }
    case 'mean':
    case 'scalar':
      return { ratio: ratio ?? 1, more: 0 }
  }
}

/** The nulls that must all be broken: what is tolerated by any of them is tolerated. */
export function toleratedNulls({ ratio, more }: Tolerance): readonly Null[] {
  const points: Null = { kind: 'shift', points: more }
  if (more > 0) return ratio > 1 ? [{ kind: 'ratio', factor: ratio }, points] : [points]
  return [{ kind: 'ratio', factor: ratio }]
}

/** Which percentile a latency rule speaks of. */
export function percentileOfRule({ percentile }: MetricRule): number {
  return percentile !== undefined && percentile > 0 && percentile < 100 ? percentile : DEFAULT_PERCENTILE
}

function atLeast(least: number, given: number | undefined): number | undefined {
  if (given === undefined || !Number.isFinite(given)) return undefined
  return Math.max(least, given)
}
