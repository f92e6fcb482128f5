import type { Clock } from '../../rollout/ports/clock.js'
import type { Answer } from '../http/exchange.js'

/** Differences up to this are the way of the answer and the whole seconds of a `Date`: not a clock that is wrong. */
const NOISE_MS = 10_000

/**
 * Asks for nothing but the time. Every server knows HEAD, and one with a clock says its time in every answer, refusals
 * included (RFC 9110, 9.1 and 6.6.1).
 */
export const WHAT_TIME = { method: 'HEAD', path: '', accept: 'any' } as const

/**
 * A vendor's time, learned from the `Date` of its answers. It is asked for once, before anything else is; after that it costs no
 * request of its own. While they agree, and where the vendor tells no time, it is the runner's.
 */
export class ServerClock {
  readonly #clock: Clock
  readonly #ask: () => Promise<Answer>
  #aheadMs = 0
  #isKnown = false

  /** @param ask puts `WHAT_TIME` to the vendor */
  constructor(clock: Clock, ask: () => Promise<Answer>) {
    this.#clock = clock
    this.#ask = ask
  }

  /** The vendor's time; it is asked for it if it has not answered anything yet. @throws as `ask` */
  async time(): Promise<Date> {
    if (!this.#isKnown) this.learn(await this.#ask())
    return this.now()
  }

  /** The vendor's time as far as it is known. */

  now(): Date {
    return new Date(this.#clock.wallTime().getTime() + this.#aheadMs)
  }

  learn({ headers, status }: Answer): void {
    const theirs = Date.parse(headers['date'] ?? '')
    // What fails may leave the time out; what answers without it knows none.
    this.#isKnown ||= status < 500 || !Number.isNaN(theirs)
    if (Number.isNaN(theirs)) return
    const aheadMs = theirs - this.#clock.wallTime().getTime()
    this.#aheadMs = Math.abs(aheadMs) <= NOISE_MS ? 0 : aheadMs
  }
}
