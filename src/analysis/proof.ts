import { HARMLESS_WEIGHTS, harmlessEvidence, type Pair } from './e-value/block-evidence.js'
import type { Null } from './e-value/closest-null.js'
import type { When } from './e-value/last-run.js'
import { ONE_START, SequentialEvidence } from './e-value/sequential-evidence.js'

/** ln of what suffices to reject "at the margin or worse" at 0.05. */
export const ENOUGH_FOR_PROOF = Math.log(1 / 0.05)

/**
 * The reverse test: evidence that the candidate stays below a margin. It must suffice for all blocks since the rollout began,
 * so that the error of 0.05 is spent once and not at each step, and again for the blocks at the present weight: what holds for
 * 5 % of the load need not hold for half of it.
 */
export class Proof {
  readonly #all = new SequentialEvidence(HARMLESS_WEIGHTS, ONE_START)
  #segment = new SequentialEvidence(HARMLESS_WEIGHTS, ONE_START)

  get logE(): number {
    return Math.min(this.#all.logE, this.#segment.logE)
  }

  /**
   * @param margin the line that the candidate must be shown to stay below
   * @param harmless the candidate's share if it is as good as stable, from past blocks, 0 to 1
   */
  add(margin: Null, pair: Pair, harmless: number, when: When): void {
    const logs = harmlessEvidence(margin, pair, harmless)
    this.#all.add(logs, when)
    this.#segment.add(logs, when)
  }

  newSegment(): void {
    this.#segment = new SequentialEvidence(HARMLESS_WEIGHTS, ONE_START)
  }
}
