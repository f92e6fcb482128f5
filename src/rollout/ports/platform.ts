import type { Place } from '../place.js'
import type { Release, ReleaseHandle } from '../release.js'
import type { Weight } from '../weight.js'

/** Names one attempt to bring a release up in a place; success is judged by this id, not by a count (trap 24). */
export type AttemptId = string

/** What runs in one place now, as the target itself says. */
export interface PlaceState {
  /** The version label that was placed there, if the target carries one. */
  readonly version: string | undefined
  /** Replicas asked for. */
  readonly wanted: number
  /** Replicas that answer their readiness check now. */
  readonly ready: number
  /** Restarts of the current release's replicas since it was placed. */
  readonly restarts: number
  /** Who else manages this object (a field manager, a GitOps tool), if it is not us. */
  readonly managedBy?: string
}

/** Places in which something exists; a missing place is empty. */
export type Observed = Partial<Record<Place, PlaceState>>

/** One look at a place while it is watched. */
export interface Health {
  readonly wanted: number
  readonly ready: number
  readonly restarts: number
  /** What the target says of it, for people: events, exit codes. */
  readonly detail?: string
}

export interface Placement {
  readonly attempt: AttemptId
  /** By which this platform can start the same release again later. */
  readonly handle: ReleaseHandle
}

export type Progress =
  | { readonly state: 'moving'; readonly ready: number; readonly wanted: number; readonly detail?: string }
  | { readonly state: 'ready'; readonly ready: number; readonly wanted: number }
  /** The platform took it back by itself (a circuit breaker). */
  | { readonly state: 'undone'; readonly reason: string; readonly logs: readonly string[] }
  /** It will not become ready without a change. */
  | { readonly state: 'failed'; readonly reason: string; readonly logs: readonly string[] }

/** Something preflight found. An error stops before anything is changed; a warning is shown. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly what: string
  /** What mends it, ready to paste where possible. */
  readonly mend: string
}

/** What the conductor intends, for preflight. */
export interface Intent {
  readonly release: Release
  /** The place it will go to. */
  readonly place: Place
  readonly weights: readonly Weight[]
  /** It will be started from what was recorded of it: nothing that a build makes is needed. */
  readonly recorded?: boolean
}

/** By which a metric source tells one side from the other: label names and values. */
export type Selector = Readonly<Record<string, string>>

/**
 * Where releases run. Every method is idempotent and may be called again after a kill. Any method may throw
 * TransientError (asked again) or UserError (told to the user).
 */
export interface Platform {
  readonly name: string
  /** `slots`: blue and green beside each other. `in-place`: one place, `live`, updated by the platform's own means. */
  readonly layout: 'slots' | 'in-place'
  /** Reads the live system; changes nothing. */
  observe(): Promise<Observed>
  /** Yields the health of a place at once and then whenever it changes, until `signal` aborts. */
  watch(place: Place, signal: AbortSignal): AsyncIterable<Health>
  /**
   * Asks for a release in a place at full size and returns at once. The same release in the same place changes
   * nothing and returns the same attempt, unless that attempt has failed. `handle` starts a recorded release
   * again. In place, this is the rolling update, and going back is placing the recorded release.
   */
  place(place: Place, release: Release, handle?: ReleaseHandle): Promise<Placement>
  /**
   * Whether what this step would place as `release` is another build than the one that `handle` starts, under one label.
   * False where that cannot be told (nothing is copied; an image is compared by its name). Changes nothing.
   */
  isOtherBuild(release: Release, handle: ReleaseHandle): Promise<boolean>
  /** How an attempt stands. An attempt that was displaced by another is `failed`. */
  progress(place: Place, attempt: AttemptId): Promise<Progress>
  /** The last log lines of what runs or ran in a place, oldest first; for error messages. */
  lastWords(place: Place): Promise<readonly string[]>
  /** Asks for a number of replicas and returns at once. */
  scale(place: Place, replicas: number): Promise<void>
  /** Stops what runs in a place, draining it first; resolves when nothing of it is left. An empty place is fine. */
  retire(place: Place): Promise<void>
  /** Lets what follows the stable release (the original Service, an autoscaler) follow this place: at promotion. */
  follow(stable: Place): Promise<void>
  /** An address of this place alone, reachable from here, if there is one. */
  reach(place: Place): Promise<URL | undefined>
  /** Looks for what will lose requests or cannot work; changes nothing. */
  preflight(intent: Intent): Promise<readonly Finding[]>
  /** Labels by which metrics of this place can be told apart; empty if the platform gives none. */
  selectors(place: Place): Selector
}
