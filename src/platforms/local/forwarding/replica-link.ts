import type { Place } from '../../../rollout/place.js'
import type { Replica } from './forwarder.js'
import { UpstreamAgent } from './upstream-agent.js'

/** Something in flight at a replica: a request or a websocket. */
export interface InFlight {
  readonly kind: 'request' | 'websocket'
  /** Ends it now, whatever it is doing. */
  cut(): void
}

/** One replica as requests see it: its connections, and what is in flight there. */
export class ReplicaLink {
  readonly place: Place
  readonly id: string
  readonly host: string
  readonly port: number
  readonly version: string
  readonly agent = new UpstreamAgent()
  private readonly flights = new Set<InFlight>()
  private readonly waiting: (() => void)[] = []

  constructor(place: Place, replica: Replica) {
    this.place = place
    this.id = replica.id
    this.host = replica.host ?? '127.0.0.1'
    this.port = replica.port
    this.version = replica.version
  }

  get inFlight(): number {
    return this.flights.size
  }

  inFlightOf(kind: InFlight['kind']): number {
    let sum = 0
    for (const flight of this.flights) if (flight.kind === kind) sum++
    return sum
  }

  begin(flight: InFlight): void {
    this.flights.add(flight)
  }

  /** Says that a flight is over; a second time changes nothing. */
  end(flight: InFlight): void {
    if (!this.flights.delete(flight) || this.flights.size > 0) return
    for (const done of this.waiting.splice(0)) done()
  }

  /**
   * Closes idle connections, and resolves when nothing is in flight. Requests that remain after `deadlineMs` are cut
   * and counted; websockets stay, so that the process itself can say goodbye to their clients when it is told to
   * end (trap 23). The caller has made sure that nothing new begins.
   */
  async letGo(deadlineMs: number): Promise<number> {
    this.agent.retire()
    if (this.flights.size === 0) return 0
    const { promise, resolve } = Promise.withResolvers<number>()
    const deadline = setTimeout(() => {
      resolve(this.inFlightOf('request'))
      this.cutAll('request')
    }, deadlineMs)
    this.waiting.push(() => resolve(0))
    try {
      return await promise
    } finally {
      clearTimeout(deadline)
    }
  }

  cutAll(kind?: InFlight['kind']): void {
    for (const flight of [...this.flights]) if (kind === undefined || flight.kind === kind) flight.cut()
  }
}
