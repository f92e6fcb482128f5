import type { Block } from '../rollout/ports/judge.js'

/** Candidate samples that are missing for longer than this at the end of a hold are missing data, in milliseconds. */
const MISSING_MS = 60_000

/** Which blocks of a metric make up the present hold, and for how long the candidate has been observed in all. */
export class HoldSoFar {
  #weight: number | undefined
  #begun = false
  #observedMs = 0
  #holdMs = 0
  #missingMs = 0

  /** The candidate's weight in percent, of the last block. */
  get weight(): number | undefined {
    return this.#weight
  }

  /** Whether the candidate was ever counted. Until then blocks are history. */
  get begun(): boolean {
    return this.#begun
  }

  /** For how long the candidate has been observed, over all weights, in milliseconds. */
  get observedMs(): number {
    return this.#observedMs
  }

  /** Length of the blocks at the present weight, in milliseconds. */
  get holdMs(): number {
    return this.#holdMs
  }

  /** For how long the candidate's counts have been missing, if for too long, in milliseconds. */
  get missingMs(): number | undefined {
    return this.#missingMs > MISSING_MS ? this.#missingMs : undefined
  }

  /** Before a block is weighed: whether it begins a new weight. */
  turn(weight: number): boolean {
    const isNew = this.#weight !== undefined && this.#weight !== weight
    if (isNew) {
      this.#holdMs = 0
      this.#missingMs = 0
    }
    this.#weight = weight
    return isNew
  }

  /** The first block that has the candidate. */
  begin(): void {
    this.#begun = true
  }

  /** After a block of the bake was weighed. */
  pass({ fromMs, toMs }: Block, hasCandidate: boolean): void {
    const lengthMs = toMs > fromMs && Number.isFinite(toMs - fromMs) ? toMs - fromMs : 0
    this.#holdMs += lengthMs
    this.#observedMs += hasCandidate ? lengthMs : 0
    this.#missingMs = hasCandidate ? 0 : this.#missingMs + lengthMs
  }
}
