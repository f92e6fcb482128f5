import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { TransientError } from '../../../rollout/ports/transient-error.js'
import { UserError } from '../../../rollout/user-error.js'
import { addressesOf } from '../control/addresses.js'
import type { Addresses, Network } from '../control/protocol.js'
import type { Forwarder } from '../forwarding/forwarder.js'
import { describeHolder, holderOf, type PortHolder } from '../port-holder.js'
import { errorCode } from '../state-directory.js'
import type { DesiredStore } from './desired-state.js'
import { freePort } from './free-port.js'

const LOOPBACK = '127.0.0.1'
/** Pause before a taken port that may have been freed is tried again, in milliseconds. */
const FREED_MS = 300

/** One address to be listened on, by its key in rollout.yml. */
interface Door {
  readonly key: string
  readonly host: string
  readonly port: number
  readonly open: () => Promise<unknown>
}

/** Who holds a port: nobody whom we may see, a former supervisor of this service that drains, or another program. */
type Holding = 'unseen' | 'former' | 'another'

/** The ports of the service: chosen once where nobody named them, then fixed. */
export class Listening {
  readonly #desired: DesiredStore
  readonly #directory: string
  readonly #forwarder: Forwarder
  #opened: Promise<Addresses> | undefined
  #metrics: Server | undefined

  /** `directory`: the state directory, by which a former supervisor of the same service is recognised. */
  constructor(desired: DesiredStore, forwarder: Forwarder, directory: string) {
    this.#desired = desired
    this.#directory = directory
    this.#forwarder = forwarder
  }

  /** Whether an address that was asked for with the remembered ports is being served or being opened. */
  get remembered(): Network | undefined {
    return this.#desired.state.network
  }

  /**
   * Opens everything, once; the same again changes nothing.
   * @throws UserError if a port is taken, or differs from the one that is served; TransientError if it is about to be free.
   */
  async open(asked: Network): Promise<Addresses> {
    const network = await this.#settle(asked)
    this.#opened ??= this.#open(network).catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async close(): Promise<void> {
    const metrics = this.#metrics
    if (metrics === undefined) return
    await new Promise((resolve) => {
      metrics.close(resolve)
      metrics.closeAllConnections()
    })
  }

  /** The ports that hold: remembered ones, else those asked for, else free ones. */
  async #settle(asked: Network): Promise<Network> {
    const kept = this.#desired.state.network
    if (kept !== undefined) {
      refuseOtherPorts(asked, kept)
      return kept
    }
    const named = [asked.port, asked.slotPorts.blue, asked.slotPorts.green, asked.metricsPort]
    const taken = new Set(named.filter((port) => port !== undefined))
    const chosen = async (port: number | undefined, host = LOOPBACK): Promise<number> => {
      const settled = port || (await freePort(host, taken))
      taken.add(settled)
      return settled
    }
    const port = await chosen(asked.port, asked.host)
    const slotPorts = { blue: await chosen(asked.slotPorts.blue), green: await chosen(asked.slotPorts.green) }
    // Two hellos may have waited here at the same time; the first that comes through decides.
    return this.#desired.state.network ?? { ...asked, port, slotPorts }
  }

  async #open(network: Network): Promise<Addresses> {
    const { port, slotPorts, metricsPort } = network
    await this.#bind({ key: 'port', host: network.host, port, open: () => this.#forwarder.listen(port) })
    for (const slot of ['blue', 'green'] as const) {
      const own = slotPorts[slot] ?? 0
      const open = (): Promise<number> => this.#forwarder.listenSlot(slot, own)
      await this.#bind({ key: `slot-ports.${slot}`, host: LOOPBACK, port: own, open })
    }
    if (metricsPort !== undefined) {
      const open = (): Promise<void> => this.#listenMetrics(metricsPort)
      await this.#bind({ key: 'metrics-port', host: LOOPBACK, port: metricsPort, open })
    }
    this.#desired.change({ network })
    return addressesOf(network)
  }

  readonly #bound = new Set<string>()

  /** Binds what is not bound yet, so that an attempt after a port was freed goes on where the last one stopped. */
  async #bind(door: Door, before?: Holding): Promise<void> {
    const { key, host, port, open } = door
    if (this.#bound.has(key)) return
    try {
      await open()
      this.#bound.add(key)
    } catch (error) {
      const code = errorCode(error)
      if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error
      if (code === 'EADDRINUSE') {
        const holder = holderOf(host, port)
        const holding = this.#holdingOf(holder)
        // Whoever held it at one try may have ended before we looked who it was.
        if (holding === 'another' || holding === before) throw this.#taken(key, port, holder)
        await sleep(FREED_MS)
        return this.#bind(door, holding)
      }
      throw new UserError(`platform.local.${key}: port ${port} cannot be listened on (${code})`, {
        hint: 'Name a port above 1023 and an address of this machine.',
      })
    }
  }

  #holdingOf(holder: PortHolder | undefined): Holding {
    if (holder === undefined) return 'unseen'
    return holder.supervisor?.directory === this.#directory ? 'former' : 'another'
  }

  /** A supervisor whose state directory was removed drains before it leaves its ports to the next one. */
  #taken(key: string, port: number, holder: PortHolder | undefined): Error {
    if (holder?.supervisor?.directory === this.#directory) {
      return new TransientError(
        `port ${port} is still held by the former supervisor of ${this.#directory} (process ${holder.pid}), which drains and ends`,
      )
    }
    const { who, mend } = describeHolder(holder)
    return new UserError(`platform.local.${key}: port ${port} is taken by ${who}`, { hint: mend })
  }

  #listenMetrics(port: number): Promise<void> {
    const server = createServer((request, response) => {
      const found = request.url?.split('?')[0] === '/metrics'
      response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      response.end(found ? this.#forwarder.prometheus() : 'see /metrics\n')
    })
    this.#metrics = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: LOOPBACK, port, exclusive: true }, resolve)
    })
  }
}

function refuseOtherPorts(asked: Network, kept: Network): void {
  const differing = [
    ['port', asked.port, kept.port],
    ['slot-ports.blue', asked.slotPorts.blue, kept.slotPorts.blue],
    ['slot-ports.green', asked.slotPorts.green, kept.slotPorts.green],
    ['metrics-port', asked.metricsPort, kept.metricsPort],
    ['host', asked.host, kept.host],
  ].find(([, wanted, served]) => Boolean(wanted) && wanted !== served)
  if (differing === undefined) return
  const [key, wanted, served] = differing
  throw new UserError(
    `platform.local.${key}: ${wanted} was given, but this service is served at ${served ?? 'none'}`,
    {
      hint: `Addresses never move while a service lives. Give ${served ?? 'none'}, or stop the supervisor and remove its state directory.`,
    },
  )
}
