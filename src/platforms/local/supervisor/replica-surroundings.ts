import type { AttemptId } from '../../../rollout/ports/platform.js'
import type { Forwarder } from '../forwarding/forwarder.js'
import { freePort } from './free-port.js'
import type { ProcessTable } from './process-table.js'
import type { ReplicaSurroundings } from './replica.js'

type Values = Readonly<Record<string, string>>

/** What all replicas of a supervisor share: ports, secrets, the table of processes and the forwarder. */
export class SharedSurroundings implements ReplicaSurroundings {
  readonly processes: ProcessTable
  readonly #forwarder: Forwarder
  readonly #ports = new Set<number>()
  /** Values of `envFrom`, as each release was given them: another release may come with others. */
  readonly #given = new Map<AttemptId, Values>()
  /** Values that came later, for releases that outlived the supervisor that knew theirs. */
  #provided: Values = {}

  constructor(processes: ProcessTable, forwarder: Forwarder) {
    this.processes = processes
    this.#forwarder = forwarder
  }

  secrets(attempt: AttemptId): Values {
    return { ...this.#provided, ...this.#given.get(attempt) }
  }

  give(attempt: AttemptId, values: Values): void {
    this.#given.set(attempt, values)
  }

  provide(values: Values): void {
    this.#provided = { ...this.#provided, ...values }
  }

  forget(attempt: AttemptId): void {
    this.#given.delete(attempt)
  }

  async claimPort(): Promise<number> {
    const port = await freePort('127.0.0.1', this.#ports)
    this.#ports.add(port)
    return port
  }

  /** For a process of a former life, which has its port already. */
  keepPort(port: number): void {
    this.#ports.add(port)
  }

  releasePort(port: number): void {
    this.#ports.delete(port)
  }

  async letGo(processId: string, deadlineMs: number): Promise<number> {
    const { cut } = await this.#forwarder.letGo(processId, deadlineMs)
    return cut
  }
}
