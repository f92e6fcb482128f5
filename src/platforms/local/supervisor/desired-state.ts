import { readFileSync } from 'node:fs'
import type { Place, Split } from '../../../rollout/place.js'
import type { Release } from '../../../rollout/release.js'
import type { Network } from '../control/protocol.js'
import { isMissing, writeWhole } from '../state-directory.js'
import type { LaunchSpec } from '../launch.js'

/** One release as it is to run. */
export interface DesiredAttempt {
  readonly attempt: string
  readonly release: Release
  /** Names the copy of the release in the state directory. */
  readonly releaseKey: string
  readonly launch: LaunchSpec
  readonly replicas: number
  readonly restarts: number
  /** All its replicas were ready at one time: from then on it is restarted for ever, before that it may fail. */
  readonly wasReady: boolean
  /** Why it will not become ready; nothing of it runs then. */
  readonly failure?: { readonly reason: string; readonly logs: readonly string[] }
}

/** An update in place that failed and was taken back. */
export interface UndoneAttempt {
  readonly attempt: string
  readonly reason: string
  readonly logs: readonly string[]
}

/** What is to run in a place. */
export interface DesiredPlace extends DesiredAttempt {
  /** The release that serves until this one is ready, while a place is updated. */
  readonly former?: DesiredAttempt
  readonly undone?: UndoneAttempt
}

/** What the supervisor was asked for: read by its next life, after a kill or a reboot. Holds no secret. */
export interface DesiredState {
  readonly format: 1
  /** Undefined until the first `hello`. Ports are the real ones here, never 0. */
  readonly network?: Network
  readonly split: Split
  /** The place that low buckets belong to: cannot be found again from a split alone. */
  readonly candidate?: Place
  /** Counts written splits; the router's revision. */
  readonly splitRevision: number
  readonly places: Partial<Record<Place, DesiredPlace>>
}

const NOTHING: DesiredState = { format: 1, split: {}, splitRevision: 0, places: {} }

/** The desired state in memory and on disk, always the same on both. */
export class DesiredStore {
  readonly #path: string
  #state: DesiredState

  constructor(path: string) {
    this.#path = path
    this.#state = load(path)
  }

  get state(): DesiredState {
    return this.#state
  }

  /** Written before it is acted upon: a kill in between leaves something to do, never something forgotten. */
  change(change: Partial<DesiredState>): void {
    this.#state = { ...this.#state, ...change }
    writeWhole(this.#path, JSON.stringify(this.#state))
  }

  setPlace(place: Place, desired: DesiredPlace | undefined): void {
    const places = { ...this.#state.places }
    if (desired === undefined) delete places[place]
    else places[place] = desired
    this.change({ places })
  }
}

function load(path: string): DesiredState {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DesiredState
  } catch (error) {
    if (isMissing(error)) return NOTHING
    throw error
  }
}
