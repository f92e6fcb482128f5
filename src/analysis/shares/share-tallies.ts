import type { Counts } from '../e-value/closest-null.js'
import { NO_REQUESTS, sumOf, type ShareTally } from './share-tally.js'

/** Sums of earlier weights that are kept apart; where there are more, the oldest are added up. */
const MOST_KEPT = 12

/** Both sides' counts, a sum for each weight. */
export class ShareTallies {
  readonly #earlier: ShareTally[] = []
  #stable: Counts | undefined
  #candidate: Counts | undefined
  #expected: number | undefined

  /** The sums at the present weight; a side that was never counted is undefined. */
  get current(): { readonly stable: Counts | undefined; readonly candidate: Counts | undefined } {
    return { stable: this.#stable, candidate: this.#candidate }
  }

  get known(): ShareTally {
    return {
      stable: this.#stable ?? NO_REQUESTS,
      candidate: this.#candidate ?? NO_REQUESTS,
      expected: this.#expected,
    }
  }

  get all(): readonly ShareTally[] {
    return [...this.#earlier, this.known]
  }

  /** @param expected stable's share as guessed before this block */
  add(stable: Counts | undefined, candidate: Counts | undefined, expected: number | undefined): void {
    this.#expected ??= expected
    if (stable !== undefined) this.#stable = sumOf(this.#stable ?? NO_REQUESTS, stable)
    if (candidate !== undefined) this.#candidate = sumOf(this.#candidate ?? NO_REQUESTS, candidate)
  }

  begin(): void {
    if (this.#candidate !== undefined || this.#stable !== undefined) this.#earlier.push(this.known)
    if (this.#earlier.length > MOST_KEPT) this.#addUpOldest()
    this.#stable = undefined
    this.#candidate = undefined
    this.#expected = undefined
  }

  #addUpOldest(): void {
    const [oldest, next] = this.#earlier.splice(0, 2)
    if (oldest === undefined || next === undefined) return
    this.#earlier.unshift({
      stable: sumOf(oldest.stable, next.stable),
      candidate: sumOf(oldest.candidate, next.candidate),
      expected: oldest.expected,
    })
  }
}
