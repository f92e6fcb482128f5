import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'

import type { Place } from '../../../rollout/place.js'
import { Exchange, HEAD_LIMIT_BYTES } from './exchange.js'
import type { Forwarder, ForwarderSettings } from './forwarder.js'
import { Unforwardable } from './header-passing.js'
import { listenOn } from './listen-on.js'
import { prometheusText } from './prometheus-text.js'
import { RequestRoute, type Routing } from './request-route.js'
import { RouteTable } from './route-table.js'
import { SlotCounters } from './slot-counters.js'
import { Tunnel, wantsTunnel } from './tunnel.js'
import { listenWide } from './wide-listening.js'

/** nginx's default; longer than any client is likely to keep a connection, so that the client closes first. */
const CLIENT_IDLE_MS = 75_000

const LOOPBACK = '127.0.0.1'

/** Makes a forwarder that listens nowhere yet and serves nobody. */
export function createForwarder(settings: ForwarderSettings): Forwarder {
  const table = new RouteTable()
  const counters = new SlotCounters()
  const names = {
    tester: settings.testerHeader.toLowerCase(),
    bucketKey: settings.bucketHeader?.toLowerCase(),
  }
  const routing: Routing = { settings, names, table, counters }
  const servers: Server[] = []
  const sockets: NetServer[] = []

  const listen = async (port: number): Promise<number> => {
    const server = httpServer(routing, undefined)
    sockets.push(...(await listenWide(server, settings.host, port)))
    servers.push(server)
    return portOf(server)
  }

  /** Asked by checks alone, never by many at once: one socket is enough. */
  const listenSlot = async (slot: Place, port: number): Promise<number> => {
    const server = httpServer(routing, slot)
    await listenOn(server, { host: LOOPBACK, port })
    servers.push(server)
    return portOf(server)
  }

  return {
    listen,
    listenSlot,
    setSplit: (split, candidate) => table.setSplit(split, candidate).revision,
    get splitState() {
      return table.splitState
    },
    setReplicas: (slot, replicas) => table.setReplicas(slot, replicas),
    ready: (slot) => table.ready(slot),
    letGo: async (replicaId, deadlineMs) => {
      const cut = (await table.takeOut(replicaId)?.letGo(deadlineMs)) ?? 0
      table.forgetIdle()
      return { cut }
    },
    remaining: (slot) => table.remaining(slot),
    counts: (query) => counters.counts(query),
    prometheus: () => prometheusText(table, counters, settings),
    close: async () => {
      for (const socket of sockets) socket.close()
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
      for (const link of table.everyLink) {
        link.cutAll()
        link.agent.retire()
      }
      for (const server of servers) server.closeAllConnections()
      await Promise.all(closed)
    },
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** A server for the public port, or for the own port of one place. */
function httpServer(routing: Routing, place: Place | undefined): Server {
  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    const route = routeOrRefusal(routing, request, place)
    if (route instanceof RequestRoute) new Exchange(request, response, route).start()
    else refuse(response, route)
  }
  const server = createServer({
    keepAliveTimeout: CLIENT_IDLE_MS,
    // An upload may take as long as it takes; only the head has a limit, 60 s by default.
    requestTimeout: 0,
    maxHeaderSize: HEAD_LIMIT_BYTES,
    shouldUpgradeCallback: wantsTunnel,
    optimizeEmptyRequests: true,
  })
  // Node would drop headers beyond 2,000 without a word; their size is limited anyway.
  server.maxHeadersCount = 0
  server.on('request', forward)
  server.on('checkContinue', forward)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const route = routeOrRefusal(routing, request, place)
    if (route instanceof RequestRoute) new Tunnel(request, socket, head, route).start()
    else socket.end(`HTTP/1.1 ${route.status} \r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  })
  return server
}

function routeOrRefusal(
  routing: Routing,
  request: IncomingMessage,
  place: Place | undefined,
): RequestRoute | Unforwardable {
  try {
    return new RequestRoute(routing, request, place)
  } catch (error) {
    if (error instanceof Unforwardable) return error
    throw error
  }
}

function refuse(response: ServerResponse, { status, message }: Unforwardable): void {
  const body = `tuesday: ${message}\n`
  const length = `${Buffer.byteLength(body)}`
  response.writeHead(status, ['Content-Type', 'text/plain', 'Content-Length', length, 'Connection', 'close'])
  response.end(body)
}
