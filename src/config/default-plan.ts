import type { PlanStep, Strategy } from '../rollout/plan.js'
import { ALL, parseWeight } from '../rollout/weight.js'

const MINUTE_MS = 60_000
const CANARY_STAGES = [
  [5, 5 * MINUTE_MS],
  [25, 5 * MINUTE_MS],
  [50, 10 * MINUTE_MS],
  [100, 0],
] as const

/**
 * What a strategy does where the file has no plan. Weight 0 is no step of it: a release starts there, and is proven
 * there, before the first step.
 */
export function defaultPlan(strategy: Strategy, analyzed: boolean): readonly PlanStep[] {
  if (strategy !== 'canary') return [{ weight: ALL, holdMs: 0, analyze: false }]
  return CANARY_STAGES.map(([percent, holdMs]) => ({
    weight: parseWeight(percent),
    holdMs,
    analyze: analyzed && holdMs > 0,
  }))
}
