import type { MetricRule } from '../../rollout/ports/judge.js'

/**
 * The chance that a release which is no worse than tolerated is ever failed, for all metrics, all looks and the whole
 * rollout together. The guards make it far smaller.
 */
export const ALPHA = 0.05

/** Whether a rule is judged by evidence, which spends alpha; other methods know no alpha. */
export function spendsAlpha({ method = 'sequential' }: MetricRule): boolean {
  return method === 'sequential'
}

/** The part of alpha of each rule that spends it, by their weights. A weight that is none, or beyond 1e-6 to 1e6, counts as 1. */
export function alphaOf(rule: MetricRule, rules: readonly MetricRule[], alpha: number | undefined): number {
  const all = rules.filter(spendsAlpha).reduce((sum, each) => sum + weightOf(each), 0)
  return (sound(alpha) * weightOf(rule)) / Math.max(all, weightOf(rule))
}

/** ln of the evidence that suffices: what compares with stable and the absolute limit share the part of their rule. */
export function neededFor({ limit }: MetricRule, alpha: number): number {
  return Math.log((limit === undefined ? 1 : 2) / alpha)
}

/** Weights further apart than this would leave nothing of alpha to the least. */
const [LEAST_WEIGHT, LARGEST_WEIGHT] = [1e-6, 1e6]

function weightOf({ alphaWeight = 1 }: MetricRule): number {
  return alphaWeight >= LEAST_WEIGHT && alphaWeight <= LARGEST_WEIGHT ? alphaWeight : 1
}

function sound(alpha: number | undefined): number {
  return alpha !== undefined && alpha > 0 && alpha < 1 ? alpha : ALPHA
}
