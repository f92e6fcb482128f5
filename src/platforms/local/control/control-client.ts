import { existsSync } from 'node:fs'
import { inherited } from '../launch.js'
import type { LocalSettings } from '../settings.js'
import { errorCode, StateDirectory } from '../state-directory.js'
import { TransientError } from '../../../rollout/ports/transient-error.js'
import { UserError } from '../../../rollout/user-error.js'
import { Connection } from './connection.js'
import { SupervisorLock } from '../supervisor/supervisor-lock.js'
import { PROTOCOL, type Addresses, type CommandName, type Commands, type Network } from './protocol.js'
import { startSupervisor, type Started } from './start-supervisor.js'

/** Not performance.now(): the first use of `performance` costs each step 2 ms of CPU. */
const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** How long a new supervisor may take until its socket answers. */
const START_DEADLINE_MS = 15_000
const LOOK_MS = 20

export interface ControlClientOptions {
  readonly settings: LocalSettings
  /** The bundled supervisor, `dist/local-supervisor.js`: what is spawned if none runs. */
  readonly supervisorEntry: string
  /** The step's environment: where the values of `envFrom` are. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Start none: where none runs, reads answer what it left, and everything else is refused. */
  readonly dryRun?: boolean
}

/**
 * What platform, router and metrics of one service share: the way to its supervisor, which is started when it is needed and does
 * not run. A connection that is idle does not keep the step alive.
 */
export class ControlClient {
  readonly #options: ControlClientOptions
  readonly #directory: StateDirectory
  #connected: Promise<Connected> | undefined

  constructor(options: ControlClientOptions) {
    this.#options = options
    this.#directory = new StateDirectory(options.settings.directory)
  }

  /** @throws TransientError if the supervisor is lost meanwhile; the next request starts it again. */
  async request<Name extends CommandName>(
    command: Name,
    given: Commands[Name]['given'],
  ): Promise<Commands[Name]['answer']> {
    const { connection } = await this.#connect()
    return connection.request(command, given)
  }

  /** For what only reads: where nothing was ever placed no supervisor is started, and `otherwise` is the answer. */
  async read<Name extends CommandName>(
    command: Name,
    given: Commands[Name]['given'],
    otherwise: Commands[Name]['answer'],
  ): Promise<Commands[Name]['answer']> {
    if (!this.everStarted) return otherwise
    if (this.#options.dryRun !== true || (await this.isRunning())) return this.request(command, given)
    const { asLeft } = await import('./as-left.js')
    return asLeft(this.#directory, command) ?? otherwise
  }

  /** Whether this service has anything on this machine: a supervisor, or what one was asked for. */
  get everStarted(): boolean {
    return existsSync(this.#directory.desiredState) || this.#connected !== undefined
  }

  /** Whether a supervisor answers now; starts none. */
  async isRunning(): Promise<boolean> {
    const known = await this.#connected?.catch(ignoreFailedConnection)
    if (known?.connection.open === true) return true
    const connection = await this.#tryOpen()
    connection?.close()
    return connection !== undefined
  }

  async addresses(): Promise<Addresses> {
    if (this.#options.dryRun === true && !(await this.isRunning())) {
      const { addressesLeft } = await import('./as-left.js')
      return addressesLeft(this.#directory) ?? this.#refuseToStart()
    }
    const { addresses } = await this.#connect()
    return addresses
  }

  /** A stream on a connection of its own: yields until `signal` aborts. */
  async *stream<Name extends CommandName>(
    command: Name,
    given: Commands[Name]['given'],
    signal: AbortSignal,
  ): AsyncGenerator<Commands[Name]['answer']> {
    const { connection } = await this.#open()
    const queue: Commands[Name]['answer'][] = []
    let failure: Error | undefined
    let wake = Promise.withResolvers<undefined>()
    const woken = (): void => wake.resolve(undefined)
    signal.addEventListener('abort', woken)
    connection.stream(
      command,
      given,
      (value) => {
        queue.push(value)
        woken()
      },
      (error) => {
        failure = error
        woken()
      },
    )
    try {
      while (!signal.aborted) {
        const next = queue.shift()
        if (next !== undefined) {
          yield next
          continue
        }
        if (failure !== undefined) throw failure
        await wake.promise
        wake = Promise.withResolvers<undefined>()
      }
    } finally {
      signal.removeEventListener('abort', woken)
      connection.close()
    }
  }

  /** Stops the supervisor, if one runs, and all that it runs; resolves when nothing of it is left. */
  async shutdown(): Promise<void> {
    await this.close()
    const connection = await this.#tryOpen()
    await connection?.shutdown()
  }

  /** Ends the connection. The supervisor and all it runs go on. */
  async close(): Promise<void> {
    const connected = this.#connected
    this.#connected = undefined
    await connected?.then(({ connection }) => connection.close(), ignoreFailedConnection)
  }

  async #connect(): Promise<Connected> {
    const known = await this.#connected?.catch(ignoreFailedConnection)
    if (known?.connection.open === true) return known
    const opening = this.#open()
    this.#connected = opening
    opening.catch(() => {
      if (this.#connected === opening) this.#connected = undefined
    })
    return opening
  }

  /** One that is just ending may take the connection and break it: then it is the next one's turn. */
  async #open(): Promise<Connected> {
    const deadline = monotonicMs() + START_DEADLINE_MS
    for (;;) {
      try {
        const running = await this.#tryOpen()
        return await (running === undefined ? this.#startAndGreet() : this.#greet(running))
      } catch (error) {
        if (!(error instanceof TransientError) || monotonicMs() > deadline) throw error
      }
      await pause()
    }
  }

  /** One that cannot open its ports, and has nothing to keep, is not left running. */
  async #startAndGreet(): Promise<Connected> {
    if (this.#options.dryRun === true) return this.#refuseToStart()
    const connection = await this.#start()
    try {
      return await this.#greet(connection)
    } catch (error) {
      if (error instanceof UserError && !existsSync(this.#directory.desiredState))
        await (await this.#tryOpen())?.shutdown()
      throw error
    }
  }

  #refuseToStart(): never {
    throw new UserError(`The supervisor of ${this.#options.settings.service} is stopped`, {
      hint: 'A dry run does not start it: run the step without dry-run.',
    })
  }

  async #greet(connection: Connection): Promise<Connected> {
    try {
      const network = networkOf(this.#options.settings)
      const { addresses, missing } = await connection.request('hello', { protocol: PROTOCOL, network })
      const values = valuesOf(missing, this.#options.environment)
      if (Object.keys(values).length > 0) await connection.request('provide', { values })
      return { connection, addresses }
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** Undefined if nobody listens there. */
  async #tryOpen(): Promise<Connection | undefined> {
    const socket = this.#directory.recordedSocket()
    if (socket === undefined) return undefined
    try {
      return await Connection.open(socket)
    } catch (error) {
      const code = errorCode(error)
      if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
      throw error
    }
  }

  async #start(): Promise<Connection> {
    const { settings, supervisorEntry, environment } = this.#options
    this.#directory.prepare()
    this.#directory.prepareSocketFolder()
    const lock = new SupervisorLock(settings.directory)
    const deadline = monotonicMs() + START_DEADLINE_MS
    let started: { lock: number; process: Started } | undefined
    for (;;) {
      const free = lock.free
      const connection = await this.#tryOpen()
      if (connection !== undefined) return connection
      // Once for each state in which the lock was free: one that gave way to another is not missed.
      if (free !== undefined && free !== started?.lock) {
        const process = startSupervisor(supervisorEntry, settings, inherited(environment), free)
        started = { lock: free, process }
      }
      const late = monotonicMs() > deadline
      const problem = started?.process.problem() ?? (late ? 'it does not answer' : undefined)
      if (problem !== undefined) {
        throw new UserError(`The local supervisor of ${settings.service} could not be started: ${problem}`, {
          hint: `Its log is ${this.#directory.supervisorLog}.`,
        })
      }
      await pause()
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}

interface Connected {
  readonly connection: Connection
  readonly addresses: Addresses
}

/** Whoever waited for that connection was told; the next one tries anew. */
function ignoreFailedConnection(): undefined {
  return undefined
}

function networkOf({ host, port, slotPorts, metricsPort }: LocalSettings): Network {
  return { host, port, slotPorts, ...(metricsPort === undefined ? {} : { metricsPort }) }
}

/** Those of the named variables that the environment has. */
export function valuesOf(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const values: Record<string, string> = {}
  for (const name of names) {
    const value = environment[name]
    if (value !== undefined) values[name] = value
  }
  return values
}
