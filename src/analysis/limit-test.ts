import { limitEvidence, type Alternative } from './e-value/block-evidence.js'
import type { Counts } from './e-value/closest-null.js'
import type { When } from './e-value/last-run.js'
import { SequentialEvidence, type Starts, type Weighed } from './e-value/sequential-evidence.js'

/** Evidence that the candidate's share is above an absolute limit: the test of one sample. */
export class LimitTest {
  readonly #limit: number
  readonly #alternatives: readonly Alternative[]
  readonly #evidence: SequentialEvidence

  /** @param limit a share from 0 to 1 */
  constructor(limit: number, alternatives: readonly Alternative[], starts: Starts) {
    this.#limit = limit
    this.#alternatives = alternatives
    this.#evidence = new SequentialEvidence(
      alternatives.map(({ weight }) => weight),
      starts,
    )
  }

  get logE(): number {
    return this.#evidence.logE
  }

  /** What the newest blocks say by themselves, as in SequentialEvidence. */
  get recent(): number {
    return this.#evidence.recent
  }

  get weighed(): Weighed {
    return this.#evidence.weighed
  }

  add(candidate: Counts, temper: number, when: When): void {
    const logs = limitEvidence(this.#limit, candidate, this.#alternatives, temper)
    this.#evidence.add(logs, when, candidate.requests > 0)
  }
}
