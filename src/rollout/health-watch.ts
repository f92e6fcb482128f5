import { formatDuration } from './duration.js'
import type { Place } from './place.js'
import type { Clock } from './ports/clock.js'
import type { Health, Platform } from './ports/platform.js'
import { TransientError } from './ports/transient-error.js'
import { messageOf, UserError } from './user-error.js'

/** Pause before a watch that ended is begun again, in milliseconds. */
const REWATCH_MS = 1_000

/**
 * Watches a place while a weight is held, so that a dead candidate does not look like "no data". What comes is kept;
 * asking costs nothing. A watch that ends is begun again; one that stays blind for too long is told.
 */
export class HealthWatch {
  readonly #over = new AbortController()
  readonly #stream: Promise<void>
  #first: Health | undefined
  #latest: Health | undefined
  #unreadySinceMs: number | undefined
  #blindSinceMs: number | undefined
  #broken: unknown
  readonly #clock: Clock

  constructor(platform: Platform, place: Place, clock: Clock) {
    this.#clock = clock
    this.#stream = this.#follow(platform, place)
  }

  /** What is wrong with the place, if it has been wrong for long enough. */
  problem(nowMs: number, unreadyMs: number): string | undefined {
    const latest = this.#latest
    if (this.#first === undefined || latest === undefined) return undefined
    const detail = latest.detail === undefined ? '' : ` (${latest.detail})`
    const restarts = latest.restarts - this.#first.restarts
    if (restarts > 0)
      return `the candidate restarted ${restarts === 1 ? 'once' : `${restarts} times`}${detail}`
    if (this.#unreadySinceMs === undefined || nowMs - this.#unreadySinceMs < unreadyMs) return undefined
    const seconds = Math.round((nowMs - this.#unreadySinceMs) / 1000)
    return `only ${latest.ready} of ${latest.wanted} replicas of the candidate have been ready for ${seconds} s${detail}`
  }

  /** Throws where watching itself failed: for good, or for so long that nothing is known of the candidate. */
  requireSight(limitMs: number): void {
    if (this.#broken instanceof TransientError) {
      const blindMs = this.#clock.monotonicMs() - (this.#blindSinceMs ?? this.#clock.monotonicMs())
      if (blindMs < limitMs) return
      throw new UserError(
        `nothing has been heard of the candidate’s health for ${formatDuration(blindMs)}: ${messageOf(this.#broken)}`,
        {
          hint: 'A candidate that cannot be seen is not held. Run the step again, or roll back.',
          cause: this.#broken,
        },
      )
    }
    if (this.#broken !== undefined) throw this.#broken
  }

  async stop(): Promise<void> {
    this.#over.abort()
    await this.#stream
  }

  async #follow(platform: Platform, place: Place): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted) {
      try {
        for await (const health of platform.watch(place, signal)) this.#see(health)
      } catch (thrown) {
        if (signal.aborted) return
        this.#broken = thrown
        if (!(thrown instanceof TransientError)) return
        this.#blindSinceMs ??= this.#clock.monotonicMs()
      }
      await this.#clock.sleep(REWATCH_MS, signal)
    }
  }

  /** A place where nothing is wanted is as dead as one where nothing is ready: somebody has stopped it. */
  #see(health: Health): void {
    this.#first ??= health
    this.#latest = health
    this.#broken = undefined
    this.#blindSinceMs = undefined
    if (health.ready >= health.wanted && health.ready > 0) this.#unreadySinceMs = undefined
    else this.#unreadySinceMs ??= this.#clock.monotonicMs()
  }
}
