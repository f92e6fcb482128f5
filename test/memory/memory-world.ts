import type { Place, Side, Split } from '../../src/rollout/place.js'
import type { VirtualClock } from './virtual-clock.js'

/** How a release behaves once it is placed. */
export interface Behaviour {
  /** Milliseconds from placement to ready; Infinity never becomes ready. */
  readonly readyAfterMs: number
  /** Share of its answers that are errors, 0 to 1. */
  readonly errorShare: number
  readonly latencyMs: number
  /** Milliseconds after it became ready at which it dies for good. */
  readonly diesAfterMs: number
}

const HEALTHY: Behaviour = { readyAfterMs: 300, errorShare: 0.001, latencyMs: 10, diesAfterMs: Infinity }

export interface Inhabitant {
  readonly version: string
  readonly attempt: string
  readonly handle: string
  readonly placedAtMs: number
  wanted: number
}

/**
 * The system that the in-memory adapters show: what runs where, and what gets the requests. It notes at every
 * change whether somebody who gets requests cannot answer them: a lost request.
 */
export class MemoryWorld {
  readonly clock: VirtualClock
  readonly places = new Map<Place, Inhabitant>()
  readonly attached = new Set<Place>()
  readonly lost: string[] = []
  readonly history: string[] = []
  split: Split = {}
  revision = 0
  changedBy: string | undefined
  stableFollows: Place | undefined
  /** Which build a step brings under a label, where it is not the first one. */
  readonly builds = new Map<string, string>()
  #behaviours = new Map<string, Behaviour>()
  #attempts = 0

  constructor(clock: VirtualClock) {
    this.clock = clock
  }

  behave(version: string, behaviour: Partial<Behaviour>): void {
    this.#behaviours.set(version, { ...HEALTHY, ...behaviour })
  }

  behaviourOf(version: string): Behaviour {
    return this.#behaviours.get(version) ?? HEALTHY
  }

  nextAttempt(): string {
    this.#attempts++
    return `attempt-${this.#attempts}`
  }

  /** Replicas of a place that answer now. */
  ready(place: Place): number {
    const there = this.places.get(place)
    if (there === undefined) return 0
    const behaviour = this.behaviourOf(there.version)
    const age = this.clock.monotonicMs() - there.placedAtMs
    const alive = age >= behaviour.readyAfterMs && age < behaviour.readyAfterMs + behaviour.diesAfterMs
    return alive ? there.wanted : 0
  }

  /** Which version would answer a request that belongs to this side. */
  versionOf(side: Side): string | undefined {
    const place = side === 'off' || side === 'on' ? 'live' : side
    return this.places.get(place)?.version
  }

  /** Somebody changed the world: whoever gets requests must be able to answer. */
  changed(what: string): void {
    this.history.push(what)
    for (const [side, weight] of Object.entries(this.split) as [Side, number][]) {
      const place = side === 'off' || side === 'on' ? 'live' : side
      const there = this.places.get(place)
      const died = there !== undefined && this.behaviourOf(there.version).diesAfterMs !== Infinity
      if (weight > 0 && this.ready(place) === 0 && !died) {
        this.lost.push(`${what}: ${side} gets ${weight} % and cannot answer`)
      }
    }
  }
}
