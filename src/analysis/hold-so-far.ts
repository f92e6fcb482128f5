import type { Block } from '../rollout/ports/judge.js'
import { SideSoFar } from './side-so-far.js'

/** Which blocks of a metric make up the present hold, and for how long the candidate has been observed in all. */
export class HoldSoFar {
  #weight: number | undefined
  #begun = false
  #observedMs = 0
  #holdMs = 0
  #blockMs = 0
  #stable = new SideSoFar()
  #candidate = new SideSoFar()

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

  /** Length of the last block, in milliseconds. */
  get blockMs(): number {
    return this.#blockMs
  }

  /** For how long each side's counts have been missing, if for too long, in milliseconds. */
  get missingMs(): { readonly stable: number | undefined; readonly candidate: number | undefined } {
    return { stable: this.#stable.missingMs, candidate: this.#candidate.missingMs }
  }

  /** Before a block is weighed: whether it begins a new weight. */
  turn(weight: number): boolean {
    const isNew = this.#weight !== undefined && this.#weight !== weight
    if (isNew) {
      this.#holdMs = 0
      this.#stable = new SideSoFar()
      this.#candidate = new SideSoFar()
    }
    this.#weight = weight
    return isNew
  }

  /** The first block that has the candidate. */
  begin(): void {
    this.#begun = true
  }

  /** After a block of the bake was weighed: requests of each side, undefined without data. */
  pass({ fromMs, toMs }: Block, stable: number | undefined, candidate: number | undefined): void {
    const lengthMs = toMs > fromMs && Number.isFinite(toMs - fromMs) ? toMs - fromMs : 0
    this.#holdMs += lengthMs
    this.#blockMs = lengthMs
    this.#observedMs += candidate === undefined ? 0 : lengthMs
    this.#stable.add(stable, lengthMs)
    this.#candidate.add(candidate, lengthMs)
  }
}
