import { join } from 'node:path'
import type { Place } from '../../../rollout/place.js'
import type { Health, Progress } from '../../../rollout/ports/platform.js'
import { BoundedLog } from './bounded-log.js'
import type { DesiredAttempt } from './desired-state.js'
import { lastWords, logName } from './last-words.js'
import { Replica, type Adopted, type ReplicaListener, type ReplicaSurroundings } from './replica.js'

/**
 * A release that was never ready has failed when one of its replicas ended this often in a row: with the waits in between that
 * takes some 4 s. A service that waits for its database should retry by itself, or exit less often.
 */
const STUMBLES_LIMIT = 5

export interface AttemptListener {
  /** Its readiness, size or failure changed. */
  changed(): void
}

/** One release in one place: its replicas, and whether it has come up. */
export class Attempt {
  readonly place: Place
  #desired: DesiredAttempt
  readonly #logs: string
  readonly #around: ReplicaSurroundings
  readonly #listener: AttemptListener
  #replicas: Replica[] = []
  readonly #leaving = new Set<Promise<void>>()
  #restartsOfFormer = 0
  #stopped = false

  constructor(
    place: Place,
    desired: DesiredAttempt,
    logs: string,
    around: ReplicaSurroundings,
    listener: AttemptListener,
  ) {
    this.place = place
    this.#desired = desired
    this.#restartsOfFormer = desired.restarts
    this.#logs = logs
    this.#around = around
    this.#listener = listener
  }

  get id(): string {
    return this.#desired.attempt
  }

  /** As it is to be written down. */
  get desired(): DesiredAttempt {
    return { ...this.#desired, restarts: this.#restarts }
  }

  /** Starts the replicas, those first that go on from a former life of the supervisor. */
  start(adopted: ReadonlyMap<number, Adopted> = new Map()): void {
    if (this.#desired.failure !== undefined || this.#stopped) return
    this.#restartsOfFormer -= [...adopted.values()].reduce((sum, { restarts }) => sum + restarts, 0)
    for (let number = 1; number <= this.#desired.replicas; number++) this.#add(number, adopted.get(number))
  }

  /** Grows at once; shrinks by letting the last ones go, which nobody waits for. */
  scale(replicas: number): void {
    this.#desired = { ...this.#desired, replicas }
    if (this.#desired.failure !== undefined || this.#stopped) return
    for (const replica of this.#replicas.splice(replicas)) this.#letLeave(replica)
    for (let number = this.#replicas.length + 1; number <= replicas; number++) this.#add(number)
    this.#changed()
  }

  valuesCame(): void {
    for (const replica of this.#replicas) replica.valuesCame()
  }

  /** For good. Resolves when no process of it is left. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const replica of this.#replicas.splice(0)) this.#letLeave(replica)
    await Promise.all(this.#leaving)
  }

  get endpoints(): { id: string; port: number; version: string }[] {
    return this.#replicas.flatMap((replica) => replica.endpoint ?? [])
  }

  get health(): Health {
    const details = this.#replicas.flatMap((replica) => replica.detail ?? [])
    const detail = this.#desired.failure?.reason ?? details.join('; ')
    return {
      wanted: this.#desired.replicas,
      ready: this.endpoints.length,
      restarts: this.#restarts,
      ...(detail === '' ? {} : { detail }),
    }
  }

  get progress(): Progress {
    const { failure } = this.#desired
    if (failure !== undefined) return { state: 'failed', ...failure }
    const { wanted, ready, detail } = this.health
    if (ready >= wanted) return { state: 'ready', ready, wanted }
    return { state: 'moving', ready, wanted, ...(detail === undefined ? {} : { detail }) }
  }

  cutLogs(): void {
    for (const replica of this.#replicas) replica.log.cut()
  }

  get #restarts(): number {
    return this.#replicas.reduce((sum, replica) => sum + replica.restarts, this.#restartsOfFormer)
  }

  #add(number: number, adopted?: Adopted): void {
    const identity = { attempt: this.id, release: this.#desired.release, place: this.place, number }
    const log = new BoundedLog(join(this.#logs, logName(this.place, this.id, number)))
    const listener: ReplicaListener = {
      changed: () => this.#changed(),
      stumbled: (reason, times) => {
        if (times >= STUMBLES_LIMIT) this.#fail(`${reason}, ${times} times in a row`)
      },
      overdue: (reason) => this.#fail(reason),
      hopeless: (reason) => this.#fail(reason),
    }
    const replica = new Replica(identity, this.#desired.launch, log, this.#around, listener)
    this.#replicas.push(replica)
    replica.start(adopted)
  }

  #changed(): void {
    const { wanted, ready } = this.health
    if (wanted > 0 && ready >= wanted) this.#desired = { ...this.#desired, wasReady: true }
    this.#listener.changed()
  }

  /** A release that was ready once is started again and again instead. */
  #fail(reason: string): void {
    if (this.#desired.wasReady || this.#desired.failure !== undefined) return
    const logs = lastWords(this.#logs, this.place)
    this.#desired = { ...this.#desired, failure: { reason, logs } }
    void this.stop()
    this.#changed()
  }

  #letLeave(replica: Replica): void {
    this.#restartsOfFormer += replica.restarts
    const left = replica.stop().finally(() => {
      replica.log.close()
      this.#leaving.delete(left)
    })
    this.#leaving.add(left)
  }
}
