import { Agent, type ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'

/** How long a connection may be idle if the replica does not say: the shortest default known is gunicorn's 2 s. */
const UNANNOUNCED_IDLE_MS = 1_500

const SWEEP_MS = 250

/**
 * Connections to one replica, kept alive, and closed by us before the replica would do it: a request that is written
 * to a connection that the other end is just closing is lost. A replica that announces `Keep-Alive: timeout=5` is
 * believed, less a margin; Node's own agent does the same, but reads the header anew for each answer.
 */
export class UpstreamAgent extends Agent {
  private readonly idleSince = new Map<Duplex, number>()
  private announced: string | undefined
  private idleLimitMs = UNANNOUNCED_IDLE_MS
  private sweep: NodeJS.Timeout | undefined
  private closed = false

  constructor() {
    super({ keepAlive: true, scheduling: 'lifo' })
  }

  /** Takes note of an answer's Keep-Alive header. */
  hear(keepAlive: string | undefined): void {
    if (keepAlive === this.announced) return
    this.announced = keepAlive
    const seconds = /(?:^|[\s,])timeout=(\d+)/i.exec(keepAlive ?? '')?.[1]
    this.idleLimitMs = seconds === undefined ? UNANNOUNCED_IDLE_MS : lessMargin(Number(seconds) * 1_000)
  }

  /** Called by Node when a request is done: true keeps the connection for the next one. */
  override keepSocketAlive(socket: Duplex): boolean {
    if (this.closed || this.idleLimitMs === 0) return false
    this.idleSince.set(socket, Date.now())
    this.sweep ??= setInterval(() => this.closeIdle(this.idleLimitMs), SWEEP_MS).unref()
    return true
  }

  /** Called by Node when an idle connection gets a request. */
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    this.idleSince.delete(socket)
    super.reuseSocket(socket, request)
  }

  /** Closes what has been idle for at least so long. */
  closeIdle(ms: number): void {
    const since = Date.now() - ms
    for (const [socket, idle] of this.idleSince) {
      if (idle > since && !socket.destroyed) continue
      this.idleSince.delete(socket)
      socket.destroy()
    }
    if (this.idleSince.size > 0) return
    clearInterval(this.sweep)
    this.sweep = undefined
  }

  /** Closes what is idle now and whatever becomes idle later; requests in flight go on. */
  retire(): void {
    this.closed = true
    this.closeIdle(0)
  }
}

/** A second less, or half of what is announced where that is short. */
function lessMargin(announcedMs: number): number {
  return announcedMs - Math.min(1_000, announcedMs / 2)
}
