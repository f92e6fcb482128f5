import type { MannWhitneyRule, MetricJudgement } from '../../rollout/ports/judge.js'
import { shiftInterval, type ShiftInterval } from './mann-whitney-interval.js'
import { comparedValues, effectSize, type Gaps } from './mann-whitney-values.js'

export const DEFAULT_TOLERANCE = 0.25
export const DEFAULT_CONFIDENCE = 0.98

/** How the values of both sides differ, and what was compared. */
export interface Classified {
  readonly classification: NonNullable<MetricJudgement['classification']>
  readonly candidate: readonly number[]
  readonly stable: readonly number[]
  /** Absent where a side has no values. */
  readonly shift?: ShiftInterval
  /** The candidate's mean as a multiple of that of stable; absent where a side has no values. */
  readonly effect?: number
}

/**
 * High when the whole interval of the shift lies above what is tolerated (`tolerance` times the estimate's size) and the effect is
 * at least the allowed increase; low is the mirror image. Where a side has no values, or both have so few that no shift could be
 * ruled out, there is no data to speak of.
 */
export function classify(candidateValues: Gaps, stableValues: Gaps, rule: MannWhitneyRule): Classified {
  const candidate = comparedValues(candidateValues, rule)
  const stable = comparedValues(stableValues, rule)
  if (candidate.length === 0 || stable.length === 0) return { classification: 'no-data', candidate, stable }
  const shift = shiftInterval(candidate, stable, rule.confidence ?? DEFAULT_CONFIDENCE)
  const effect = effectSize(candidate, stable)
  const compared = { candidate, stable, shift, effect }
  if (!Number.isFinite(shift.low)) return { classification: 'no-data', ...compared }
  const tolerated = (rule.tolerance ?? DEFAULT_TOLERANCE) * Math.abs(shift.estimate)
  const [decrease, increase] = rule.allowedEffect ?? [Infinity, -Infinity]
  if (shift.low > tolerated && effect >= increase) return { classification: 'high', ...compared }
  if (shift.high < -tolerated && effect <= decrease) return { classification: 'low', ...compared }
  return { classification: 'same', ...compared }
}
