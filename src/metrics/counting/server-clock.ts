import type { Clock } from '../../rollout/ports/clock.js'
import type { Answer } from '../http/exchange.js'

/** Differences up to this are the way of the answer and the whole seconds of a `Date`: not a clock that is wrong. */
const NOISE_MS = 10_000

/**
 * A vendor's time, learned from the `Date` of its answers, which costs no request of its own. Until the first answer, and
 * while they agree, it is the runner's time.
 */
export class ServerClock {
  readonly #clock: Clock
  #aheadMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): Date {
    return new Date(this.#clock.wallTime().getTime() + this.#aheadMs)
  }

  learn({ headers }: Answer): void {
    const theirs = Date.parse(headers['date'] ?? '')
    if (Number.isNaN(theirs)) return
    const aheadMs = theirs - this.#clock.wallTime().getTime()
    this.#aheadMs = Math.abs(aheadMs) <= NOISE_MS ? 0 : aheadMs
  }
}
