import type { Counts } from './closest-null.js'

/** Fewer differences between blocks say nothing of how much they vary. */
const FEWEST_DIFFERENCES = 5

/**
 * Measures how much stable's blocks vary: 1 for independent requests, more for errors that come in bursts. Evidence is
 * divided by it. Differences of neighbours are blind to slow drift, which both sides share; the candidate is not
 * asked, so that one that is broken at times does not silence its own verdict.
 */
export class Temper {
  #differences = 0
  #squares = 0

  /** From what was added so far, 1 at least. */
  get factor(): number {
    return this.#differences < FEWEST_DIFFERENCES ? 1 : Math.max(1, this.#squares / this.#differences)
  }

  /** Adds two neighbouring blocks of stable, whose share is `share` as far as is known. */
  add(one: Counts, other: Counts, share: number): void {
    const difference = one.bad / one.requests - other.bad / other.requests
    const variance = share * (1 - share) * (1 / one.requests + 1 / other.requests)
    if (!(variance > 0)) return
    this.#differences += 1
    this.#squares += (difference * difference) / variance
  }
}
