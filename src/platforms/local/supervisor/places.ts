import { randomBytes } from 'node:crypto'
import type { Place } from '../../../rollout/place.js'
import type { AttemptId, Health, Observed, Progress } from '../../../rollout/ports/platform.js'
import { sameRelease, type Release } from '../../../rollout/release.js'
import type { FreshRelease } from '../control/protocol.js'
import type { Forwarder } from '../forwarding/forwarder.js'
import { Attempt } from './attempt.js'
import type { DesiredAttempt, DesiredPlace, DesiredStore } from './desired-state.js'
import { forgetWords, lastWords } from './last-words.js'
import { Occupancy } from './occupancy.js'
import type { Adopted } from './replica.js'
import type { SharedSurroundings } from './replica-surroundings.js'

const EMPTY: Health = { wanted: 0, ready: 0, restarts: 0, detail: 'nothing is placed here' }

export interface Placed {
  readonly attempt: AttemptId
  readonly releaseKey: string
}

export interface PlacesOptions {
  readonly desired: DesiredStore
  readonly around: SharedSurroundings
  readonly forwarder: Forwarder
  /** Folder of the replicas' logs. */
  readonly logs: string
  /** Called when a release has become ready in a place for the first time. */
  cameUp(place: Place): void
}

/** What runs in each place, kept in step with the desired state and with the forwarder. */
export class Places {
  readonly #options: PlacesOptions
  readonly #occupied = new Map<Place, Occupancy>()
  /** Attempts that were displaced or retired and are not gone yet. */
  readonly #leaving = new Map<Attempt, Promise<void>>()
  readonly #watchers = new Map<Place, Set<() => void>>()
  #stopping = false

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  get empty(): boolean {
    return this.#occupied.size === 0 && this.#leaving.size === 0
  }

  get stopping(): boolean {
    return this.#stopping
  }

  /** Variables that something placed here needs and that nobody has told us since we started. */
  get missing(): string[] {
    const { around } = this.#options
    const missing = this.#attempts.flatMap(({ id, desired }) =>
      desired.launch.envFrom.filter((name) => around.secrets(id)[name] === undefined),
    )
    return [...new Set(missing)]
  }

  get releasesInUse(): string[] {
    return [...this.#attempts, ...this.#leaving.keys()].map(({ desired }) => desired.releaseKey)
  }

  provide(values: Readonly<Record<string, string>>): void {
    this.#options.around.provide(values)
    for (const attempt of this.#attempts) attempt.valuesCame()
  }

  /** Goes on where the former life of the supervisor ended. */
  resume(adopted: ReadonlyMap<AttemptId, ReadonlyMap<number, Adopted>>): void {
    for (const [name, desired] of Object.entries(this.#options.desired.state.places)) {
      const place = name as Place
      const { former, undone, ...current } = desired
      const occupancy = new Occupancy(this.#newAttempt(place, current), undone)
      if (former !== undefined) occupancy.former = this.#newAttempt(place, former)
      this.#occupied.set(place, occupancy)
      for (const attempt of occupancy.attempts) {
        const processes = adopted.get(attempt.id)
        for (const { port } of processes?.values() ?? []) this.#options.around.keepPort(port)
        attempt.start(processes)
      }
    }
  }

  /** Undefined if the release is not placed there and there is nothing to start it from. */
  place(place: Place, release: Release, fresh: FreshRelease | undefined): Placed | undefined {
    const occupancy = this.#occupied.get(place)
    if (occupancy?.former !== undefined && isAlready(occupancy.former, release)) {
      this.#letLeave(occupancy.current)
      occupancy.goBack()
    }
    if (occupancy !== undefined && isAlready(occupancy.current, release)) {
      // Full size is the size that it was placed with, also where today's settings say otherwise.
      const { replicas, launch, attempt, releaseKey } = occupancy.current.desired
      if (replicas !== launch.replicas) occupancy.current.scale(launch.replicas)
      this.#publish(place)
      return { attempt, releaseKey }
    }
    return fresh === undefined ? undefined : this.#bringUp(place, release, fresh)
  }

  progress(place: Place, id: AttemptId): Progress {
    const occupancy = this.#occupied.get(place)
    if (occupancy?.current.id === id) return occupancy.current.progress
    const { attempt, ...undone } = occupancy?.undone ?? { reason: '', logs: [] }
    if (attempt === id) return { state: 'undone', ...undone }
    const version = occupancy?.current.desired.release.version
    const now = version === undefined ? 'nothing is placed there now' : `${version} was placed there`
    return { state: 'failed', reason: `it was displaced from ${place}: ${now}`, logs: [] }
  }

  observe(): Observed {
    const observed: Observed = {}
    for (const [place, { current }] of this.#occupied) {
      const { wanted, ready, restarts } = current.health
      observed[place] = { version: current.desired.release.version, wanted, ready, restarts }
    }
    return observed
  }

  health(place: Place): Health {
    return this.#occupied.get(place)?.current.health ?? EMPTY
  }

  /** Calls back whenever the health of a place may have changed, until the returned function is called. */
  watch(place: Place, changed: () => void): () => void {
    const watchers = this.#watchers.get(place) ?? new Set()
    this.#watchers.set(place, watchers.add(changed))
    return () => watchers.delete(changed)
  }

  lastWords(place: Place): string[] {
    return lastWords(this.#options.logs, place)
  }

  scale(place: Place, replicas: number): void {
    this.#occupied.get(place)?.current.scale(replicas)
  }

  /** Resolves when nothing of the place is left, that of displaced releases included. */
  async retire(place: Place): Promise<void> {
    const occupancy = this.#occupied.get(place)
    if (occupancy !== undefined) {
      this.#occupied.delete(place)
      this.#options.desired.setPlace(place, undefined)
      for (const attempt of occupancy.attempts) this.#letLeave(attempt)
      this.#told(place)
    }
    await this.#gone(place)
  }

  /** Stops everything and forgets nothing: the next supervisor starts it again. */
  async stopAll(): Promise<void> {
    this.#stopping = true
    for (const attempt of this.#attempts) this.#letLeave(attempt)
    this.#occupied.clear()
    await Promise.all(this.#leaving.values())
  }

  cutLogs(): void {
    for (const attempt of [...this.#attempts, ...this.#leaving.keys()]) attempt.cutLogs()
  }

  get #attempts(): Attempt[] {
    return [...this.#occupied.values()].flatMap(({ attempts }) => attempts)
  }

  #bringUp(place: Place, release: Release, fresh: FreshRelease): Placed {
    const { releaseKey, launch, values, displacing } = fresh
    const before = this.#occupied.get(place)
    const former = displacing === 'ready-first' ? before?.serving : undefined
    for (const attempt of before?.attempts ?? []) if (attempt !== former) this.#letLeave(attempt)
    forgetWords(this.#options.logs, place, former === undefined ? [] : [former.id])
    const attempt = this.#newAttempt(place, {
      attempt: randomBytes(8).toString('hex'),
      release,
      releaseKey,
      launch,
      replicas: launch.replicas,
      restarts: 0,
      wasReady: false,
    })
    this.#options.around.give(attempt.id, values)
    const occupancy = new Occupancy(attempt)
    if (former !== undefined) occupancy.former = former
    this.#occupied.set(place, occupancy)
    this.#publish(place)
    if (displacing === 'stop-first') void this.#gone(place).then(() => attempt.start())
    else attempt.start()
    return { attempt: attempt.id, releaseKey }
  }

  #newAttempt(place: Place, desired: DesiredAttempt): Attempt {
    const { logs, around } = this.#options
    const attempt: Attempt = new Attempt(place, desired, logs, around, {
      changed: () => this.#changed(attempt),
    })
    return attempt
  }

  #letLeave(attempt: Attempt): void {
    const left = attempt.stop().finally(() => {
      this.#leaving.delete(attempt)
      this.#options.around.forget(attempt.id)
    })
    this.#leaving.set(attempt, left)
  }

  async #gone(place: Place): Promise<void> {
    const leaving = [...this.#leaving].filter(([attempt]) => attempt.place === place)
    await Promise.all(leaving.map(([, left]) => left))
  }

  #changed({ place, id }: Attempt): void {
    const occupancy = this.#occupied.get(place)
    if (occupancy === undefined || !occupancy.attempts.some((attempt) => attempt.id === id)) return
    const displaced = occupancy.goOn()
    if (displaced !== undefined) this.#letLeave(displaced)
    this.#publish(place)
  }

  /** Tells the forwarder, the disk and those who watch. */
  #publish(place: Place): void {
    const occupancy = this.#occupied.get(place)
    if (occupancy === undefined || this.#stopping) return
    const { desired, forwarder, cameUp } = this.#options
    forwarder.setReplicas(place, occupancy.endpoints)
    const written: DesiredPlace | undefined = desired.state.places[place]
    const now = occupancy.desired
    if (JSON.stringify(written) !== JSON.stringify(now)) desired.setPlace(place, now)
    if (now.wasReady && written?.wasReady !== true) cameUp(place)
    this.#told(place)
  }

  #told(place: Place): void {
    for (const changed of this.#watchers.get(place) ?? []) changed()
  }
}

/**
 * The label decides, and nothing else: PATH and settings may differ from step to step, and that must not restart what
 * may carry traffic.
 */
function isAlready({ desired }: Attempt, release: Release): boolean {
  return desired.failure === undefined && sameRelease(desired.release, release)
}
