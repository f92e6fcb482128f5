import type { Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { listenOn } from './listen-on.js'

/**
 * libuv accepts one connection for each listening socket and turn of the event loop. When the machine is busy and a turn
 * takes milliseconds, one socket would take up some hundred clients a second while requests on open connections are
 * answered at once: new clients would wait and give up. The kernel shares clients out among so many sockets
 * (SO_REUSEPORT, https://nodejs.org/api/net.html#serverlistenoptions-callback).
 */
const SOCKETS = 16

/** macOS has the option, but does not share clients out. */
const CAN_SHARE = process.platform === 'linux'

/** How long the check and the opening of one port may take another of us before it is taken for held, in milliseconds. */
const TURN_LIMIT_MS = 5_000
/** Pause between two tries to have the turn at a port, in milliseconds. */
const TURN_PAUSE_MS = 10

/** Listens for a server on one port with several sockets; closing the returned ones stops all but the server's own. */
export async function listenWide(server: HttpServer, host: string, port: number): Promise<Server[]> {
  if (!CAN_SHARE) {
    await listenOn(server, { host, port })
    return []
  }
  const turn = port === 0 ? undefined : await turnAt(port)
  const more: Server[] = []
  try {
    if (port !== 0) await requireFree(host, port)
    await listenOn(server, { host, port, reusePort: true })
    const bound = (server.address() as AddressInfo).port
    while (more.length < SOCKETS - 1) {
      const socket = socketOf(server)
      await listenOn(socket, { host, port: bound, reusePort: true })
      more.push(socket)
    }
    return more
  } catch (error) {
    for (const one of [server, ...more]) if (one.listening) one.close()
    throw error
  } finally {
    turn?.close()
  }
}

/** What it accepts is served by the HTTP server, with the options that this one gives its own connections. */
function socketOf(server: HttpServer): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket))
}

/**
 * Sockets that share a port do not refuse each other, so two of us that open one at once would both serve it: they take
 * turns. A name in the abstract namespace is held by one of them alone, and let go by the kernel when that one ends.
 * @throws an EADDRINUSE error if another one keeps it
 */
async function turnAt(port: number): Promise<Server> {
  const deadline = performance.now() + TURN_LIMIT_MS
  for (;;) {
    const turn = createServer((socket) => socket.destroy())
    try {
      await listenOn(turn, { path: `\0tuesday-local-port-${port}` })
      return turn
    } catch (error) {
      if (performance.now() >= deadline) throw error
      await sleep(TURN_PAUSE_MS)
    }
  }
}

/**
 * A socket that does not share is refused by any program that listens on the same port and the same address, or on all of
 * them; one on another address of this machine is in nobody's way.
 * @throws an EADDRINUSE error
 */
async function requireFree(host: string, port: number): Promise<void> {
  const sole = createServer()
  await listenOn(sole, { host, port })
  await new Promise((closed) => sole.close(closed))
}
