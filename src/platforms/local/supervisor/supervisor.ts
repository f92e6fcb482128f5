import { messageOf } from '../../../rollout/user-error.js'
import type { Forwarder, ForwarderSettings } from '../forwarding/forwarder.js'
import { StateDirectory } from '../state-directory.js'
import { BoundedLog } from './bounded-log.js'
import { commandsOn } from './commands.js'
import { ControlServer } from './control-server.js'
import { DesiredStore } from './desired-state.js'
import { formerLife } from './former-life.js'
import { Listening } from './listening.js'
import { Places } from './places.js'
import { ProcessTable } from './process-table.js'
import { SharedSurroundings } from './replica-surroundings.js'
import { RoutedSplit } from './routed-split.js'
import { SupervisorLock } from './supervisor-lock.js'

/** Cookie that keeps a client's bucket, and header by which a tester names a slot. */
export const BUCKET_COOKIE = 'tuesday-bucket'
export const TESTER_HEADER = 'x-tuesday-slot'

const CHORES_MS = 1_000

export interface SupervisorOptions {
  /** State directory, absolute. */
  readonly directory: string
  readonly service: string
  /** With the service it tells the router's metrics apart from those of others. */
  readonly environment: string
  /** Address of the public port; one that is remembered wins. */
  readonly host: string
  /** It ends by itself when nothing is placed and nobody was connected for this long. */
  readonly idleExitMs: number
  readonly createForwarder: (settings: ForwarderSettings) => Forwarder
}

/**
 * Keeps the releases of one service running between the steps of a job, and forwards its requests. It does what its
 * desired state says, which its next life reads again after a kill or a reboot.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #directory: StateDirectory
  readonly #lock: SupervisorLock
  readonly #log: BoundedLog
  #running: Running | undefined
  #stopped: Promise<void> | undefined
  readonly #ended = Promise.withResolvers<undefined>()

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#directory = new StateDirectory(options.directory)
    this.#directory.prepare()
    this.#lock = new SupervisorLock(options.directory)
    this.#log = new BoundedLog(this.#directory.supervisorLog)
  }

  /** Resolves when it has stopped. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /**
   * Starts to serve the control socket, if the lock is still as the one who starts us has seen it. False: another
   * supervisor of this directory lives, or has lived since, and nothing was done.
   */
  async start(seenLock: number): Promise<boolean> {
    if (!this.#lock.acquire(seenLock)) return false
    this.log(`started as process ${process.pid}`)
    const desired = new DesiredStore(this.#directory.desiredState)
    const processes = new ProcessTable(this.#directory.processes)
    const forwarder = this.#options.createForwarder({
      host: desired.state.network?.host ?? this.#options.host,
      cookieName: BUCKET_COOKIE,
      testerHeader: TESTER_HEADER,
      service: this.#options.service,
      environment: this.#options.environment,
    })
    const split = new RoutedSplit(desired, forwarder)
    const listening = new Listening(desired, forwarder, this.#options.directory)
    const places = new Places({
      desired,
      around: new SharedSurroundings(processes, forwarder),
      forwarder,
      logs: this.#directory.logs,
      cameUp: (place) => split.placeCameUp(place),
    })
    places.resume(formerLife(desired.state, processes, (line) => this.log(line)))
    const network = listening.remembered
    if (network !== undefined) {
      await listening.open(network).catch((error: unknown) => this.log(messageOf(error)))
    }
    const control = new ControlServer(
      this.#directory.prepareSocket(),
      commandsOn({
        places,
        split,
        listening,
        forwarder,
        shutdown: () => void this.stop(),
      }),
      (line) => this.log(line),
    )
    await control.listen()
    const chores = setInterval(() => this.#doChores(), CHORES_MS)
    this.#running = { places, listening, forwarder, control, processes, chores }
    return true
  }

  /** Drains and stops everything; what was placed stays in the desired state. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  log(line: string): void {
    this.#log.note(`${new Date().toISOString()} ${line}`)
  }

  async #stop(): Promise<void> {
    const running = this.#running
    if (running !== undefined) {
      clearInterval(running.chores)
      if (!this.#lock.held) running.processes.letGo()
      await running.places.stopAll()
      await running.listening.close()
      await running.forwarder.close()
      running.control.stopAccepting()
      this.#directory.removeSocketFolder()
      this.log('stopped')
      this.#lock.release()
      // Last: whoever asked for the shutdown learns by this that nothing of us is left.
      await running.control.hangUp()
    }
    this.#ended.resolve(undefined)
  }

  #doChores(): void {
    const running = this.#running
    if (running === undefined) return
    running.places.cutLogs()
    this.#log.cut()
    const { idleExitMs } = this.#options
    if (!this.#lock.held) {
      // Somebody removed the state directory, and with it what we run: nobody can find us any more.
      void this.stop()
    } else if (running.places.empty && running.control.idleMs > idleExitMs) {
      this.log(`nothing is placed and nobody asked for ${idleExitMs} ms`)
      void this.stop()
    }
  }
}

interface Running {
  readonly places: Places
  readonly listening: Listening
  readonly forwarder: Forwarder
  readonly control: ControlServer
  readonly processes: ProcessTable
  readonly chores: NodeJS.Timeout
}
