import type { Weight } from './weight.js'

/** How a release takes over. */
export type Strategy = 'canary' | 'blue-green' | 'rolling' | 'recreate'

/** One stage of a plan: a weight, and how long it is held while the release is judged. */
export interface PlanStep {
  readonly weight: Weight
  /** How long the weight is held, in milliseconds; 0 holds nothing. */
  readonly holdMs: number
  /** Whether the candidate is compared with stable while it is held. */
  readonly analyze: boolean
}

/** The weights, holds and checks of a rollout, in rising order of weight. */
export interface Plan {
  readonly strategy: Strategy
  readonly steps: readonly PlanStep[]
}

/** Strategies that the platform does in place, without slots and without weights. */
export function isInPlace(strategy: Strategy): boolean {
  return strategy === 'rolling' || strategy === 'recreate'
}
