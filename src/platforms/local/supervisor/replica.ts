import { messageOf } from '../../../rollout/user-error.js'
import type { Place } from '../../../rollout/place.js'
import type { Release } from '../../../rollout/release.js'
import { commandOf, environmentOf, type LaunchSpec } from '../launch.js'
import type { BoundedLog } from './bounded-log.js'
import { Probe } from './probe.js'
import type { ProcessTable } from './process-table.js'
import { CannotStart, startProcess, type ReplicaProcess } from './replica-process.js'

/** Waits before a replica that has ended is started again, by how often it did so in short succession. */
const BACKOFF_MS = [100, 500, 1_000, 2_000, 5_000, 10_000]
const LONGEST_BACKOFF_MS = 10_000
/** A process that lived this long begins with the shortest wait again. */
const SETTLED_MS = 10_000

/** What a replica needs of the supervisor around it. */
export interface ReplicaSurroundings {
  readonly processes: ProcessTable
  /** Values of an attempt's `envFrom`, as far as they are known. */
  secrets(attempt: string): Readonly<Record<string, string>>
  claimPort(): Promise<number>
  releasePort(port: number): void
  /**
   * Sends a process of ours no more requests; resolves when those in flight are done or the time is over, with how many were
   * cut.
   */
  letGo(processId: string, deadlineMs: number): Promise<number>
}

/** What a replica tells the attempt it belongs to. */
export interface ReplicaListener {
  /** It has become ready, or is not ready any more. */
  changed(): void
  /** A process ended that nobody had asked to end, for the nth time in short succession. */
  stumbled(reason: string, times: number): void
  /** A process was not ready within the startup deadline; it is replaced. */
  overdue(reason: string): void
  /** It cannot be started at all. */
  hopeless(reason: string): void
}

export interface ReplicaIdentity {
  readonly attempt: string
  readonly release: Release
  readonly place: Place
  /** From 1. */
  readonly number: number
}

/** A process of the former life that this replica begins with. */
export interface Adopted {
  readonly process: ReplicaProcess
  readonly port: number
  readonly restarts: number
}

/** The process that runs now, with all that watches it. */
interface Life {
  readonly process: ReplicaProcess
  readonly port: number
  readonly startedMs: number
  /** Unique for each process: the forwarder must not confuse it with the one before. */
  readonly id: string
  readiness?: Probe
  liveness?: Probe
  deadline?: NodeJS.Timeout
  leaving?: Promise<void>
}

/** One replica of a release: a process that is watched, and started again when it ends. */
export class Replica {
  readonly #identity: ReplicaIdentity
  readonly #launch: LaunchSpec
  readonly #log: BoundedLog
  readonly #around: ReplicaSurroundings
  readonly #listener: ReplicaListener
  #life: Life | undefined
  #stopped: Promise<void> | undefined
  #starting: Promise<void> | undefined
  #again: NodeJS.Timeout | undefined
  #stumbles = 0
  #restarts = 0
  #ready = false
  #lacksValues = false
  #detail = 'is being started'

  constructor(
    identity: ReplicaIdentity,
    launch: LaunchSpec,
    log: BoundedLog,
    around: ReplicaSurroundings,
    listener: ReplicaListener,
  ) {
    this.#identity = identity
    this.#launch = launch
    this.#log = log
    this.#around = around
    this.#listener = listener
  }

  get number(): number {
    return this.#identity.number
  }

  get log(): BoundedLog {
    return this.#log
  }

  get restarts(): number {
    return this.#restarts
  }

  /** What it is doing, for people; undefined while it is ready. */
  get detail(): string | undefined {
    return this.#ready ? undefined : this.#detail
  }

  /** Where requests may be sent; undefined while it is not ready. */
  get endpoint(): { id: string; port: number; version: string } | undefined {
    if (!this.#ready || this.#life === undefined) return undefined
    return { id: this.#life.id, port: this.#life.port, version: this.#identity.release.version }
  }

  /** Starts a process, or goes on with one of the former life. */
  start(adopted?: Adopted): void {
    if (adopted === undefined) {
      this.#starting = this.#launchProcess()
      return
    }
    this.#restarts = adopted.restarts
    this.#log.note(`replica ${this.number}: process ${adopted.process.pid} goes on under a new supervisor`)
    this.#watch(adopted.process, adopted.port)
  }

  /** Starts what waits for variables: they may be known now. */
  valuesCame(): void {
    if (!this.#lacksValues) return
    this.#lacksValues = false
    this.start()
  }

  /** Lets go, drains, terminates, and never starts again. Resolves when nothing is left. */
  stop(drainMs = this.#launch.drainMs): Promise<void> {
    this.#stopped ??= this.#stop(drainMs)
    return this.#stopped
  }

  async #stop(drainMs: number): Promise<void> {
    clearTimeout(this.#again)
    this.#lacksValues = false
    await this.#starting
    if (this.#life !== undefined) await this.#leave(this.#life, drainMs)
  }

  async #launchProcess(): Promise<void> {
    const values = this.#around.secrets(this.#identity.attempt)
    const missing = this.#launch.envFrom.filter((name) => values[name] === undefined)
    if (missing.length > 0) {
      this.#detail = `waits for the value of ${missing.join(', ')}, which the next step brings`
      this.#lacksValues = true
      return
    }
    const port = await this.#around.claimPort()
    if (this.#stopped !== undefined) {
      this.#around.releasePort(port)
      return
    }
    const facts = { release: this.#identity.release, place: this.#identity.place, port }
    try {
      const child = await startProcess({
        command: commandOf(this.#launch, facts),
        workingDirectory: this.#launch.workingDirectory,
        environment: environmentOf(this.#launch, values, facts),
        output: this.#log.descriptor,
      })
      this.#record(child, port)
      this.#watch(child, port)
    } catch (error) {
      this.#around.releasePort(port)
      this.#detail = messageOf(error)
      this.#log.note(`replica ${this.number}: ${this.#detail}`)
      this.#scheduleStart(LONGEST_BACKOFF_MS)
      if (error instanceof CannotStart) this.#listener.hopeless(error.message)
    }
  }

  #record(child: ReplicaProcess, port: number): void {
    const { place, attempt, number: replica } = this.#identity
    const { graceMs } = this.#launch
    const { pid, start } = child
    const restarts = this.#restarts
    this.#around.processes.add({ pid, start, place, attempt, replica, restarts, port, graceMs })
  }

  #watch(child: ReplicaProcess, port: number): void {
    const id = `${this.#identity.attempt}.${this.number}.${child.pid}`
    const life: Life = { process: child, port, startedMs: performance.now(), id }
    this.#life = life
    this.#detail = `process ${child.pid} runs and is not ready yet`
    const { startupDeadlineMs } = this.#launch
    life.deadline = setTimeout(() => this.#tooLate(life), startupDeadlineMs)
    life.readiness = new Probe(port, this.#launch.readiness, false, (good) =>
      this.#readinessChanged(life, good),
    )
    void child.ended.then((how) => this.#ended(life, how))
  }

  #readinessChanged(life: Life, good: boolean): void {
    this.#ready = good
    this.#detail = `process ${life.process.pid} is not ready: ${life.readiness?.lastAnswer ?? ''}`
    if (good) {
      clearTimeout(life.deadline)
      const { liveness } = this.#launch
      if (liveness !== undefined) {
        life.liveness ??= new Probe(life.port, liveness, true, () => this.#sick(life))
      }
    }
    this.#listener.changed()
  }

  #tooLate(life: Life): void {
    const seconds = this.#launch.startupDeadlineMs / 1_000
    const reason = `was not ready within ${seconds} s: ${life.readiness?.lastAnswer ?? ''}`
    this.#log.note(`replica ${this.number}: process ${life.process.pid} ${reason}`)
    this.#listener.overdue(`replica ${this.number} ${reason}`)
    void this.#leave(life, 0)
  }

  /** Its liveness has failed. It has its grace for what is in flight, and no more: it may never answer again. */
  #sick(life: Life): void {
    const answer = life.liveness?.lastAnswer ?? ''
    this.#log.note(`replica ${this.number}: process ${life.process.pid} is not alive: ${answer}`)
    void this.#leave(life, this.#launch.graceMs)
  }

  #leave(life: Life, drainMs: number): Promise<void> {
    life.leaving ??= this.#drainAndTerminate(life, drainMs)
    return life.leaving
  }

  async #drainAndTerminate(life: Life, drainMs: number): Promise<void> {
    this.#quiet(life)
    if (this.#ready) {
      this.#ready = false
      this.#detail = `process ${life.process.pid} is being stopped`
      this.#listener.changed()
    }
    const cut = await this.#around.letGo(life.id, drainMs)
    // Trap 23: connections that are cut are told.
    if (cut > 0)
      this.#log.note(`replica ${this.number}: ${cut} requests or connections were cut after ${drainMs} ms`)
    await life.process.terminate(this.#launch.graceMs)
  }

  #quiet(life: Life): void {
    clearTimeout(life.deadline)
    life.readiness?.stop()
    life.liveness?.stop()
  }

  #ended(life: Life, how: string): void {
    this.#quiet(life)
    this.#around.processes.remove(life.process.pid)
    this.#around.releasePort(life.port)
    if (this.#life === life) this.#life = undefined
    this.#log.note(`replica ${this.number}: process ${life.process.pid} ${how}`)
    if (this.#stopped !== undefined) return
    this.#ready = false
    this.#restarts += 1
    this.#stumbles = performance.now() - life.startedMs >= SETTLED_MS ? 0 : this.#stumbles + 1
    this.#detail = `process ${life.process.pid} ${how}`
    const wait = BACKOFF_MS[Math.min(this.#stumbles, BACKOFF_MS.length) - 1] ?? 0
    this.#scheduleStart(wait)
    // A liveness restart was announced when it began; all others are news. The listener may stop us: so it is last.
    if (life.leaving === undefined) this.#listener.stumbled(`replica ${this.number} ${how}`, this.#stumbles)
    this.#listener.changed()
  }

  #scheduleStart(waitMs: number): void {
    this.#again = setTimeout(() => this.start(), waitMs)
  }
}
