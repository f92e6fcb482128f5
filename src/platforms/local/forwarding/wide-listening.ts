import { readFileSync } from 'node:fs'
import type { Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type ListenOptions, type Server } from 'node:net'

/**
 * libuv accepts one connection for each listening socket and turn of the event loop. When the machine is busy and a turn
 * takes milliseconds, one socket would take up some hundred clients a second while requests on open connections are
 * answered at once: new clients would wait and give up. The kernel shares clients out among so many sockets
 * (SO_REUSEPORT, https://nodejs.org/api/net.html#serverlistenoptions-callback).
 */
const SOCKETS = 16

/** macOS has the option, but does not share clients out. */
const CAN_SHARE = process.platform === 'linux'

/** Listens for a server on one port with several sockets; closing the returned ones stops all but the server's own. */
export async function listenWide(server: HttpServer, host: string, port: number): Promise<Server[]> {
  if (!CAN_SHARE) {
    await listening(server, { host, port })
    return []
  }
  const claim = await claimed(port)
  const more: Server[] = []
  try {
    if (port !== 0 && isListenedOn(port)) throw taken(host, port)
    await listening(server, { host, port, reusePort: true })
    const bound = (server.address() as AddressInfo).port
    while (more.length < SOCKETS - 1) {
      const socket = socketOf(server)
      await listening(socket, { host, port: bound, reusePort: true })
      more.push(socket)
    }
    return claim === undefined ? more : [claim, ...more]
  } catch (error) {
    for (const one of [claim, server, ...more]) if (one?.listening === true) one.close()
    throw error
  }
}

/** What it accepts is served by the HTTP server, with the options that this one gives its own connections. */
function socketOf(server: HttpServer): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket))
}

/**
 * Sockets that share a port do not refuse each other, so two of us that start at once could both serve it: a name in
 * the abstract namespace is held by one of them alone, and let go by the kernel when that one ends.
 * @throws an EADDRINUSE error if another one has it
 */
async function claimed(port: number): Promise<Server | undefined> {
  if (port === 0) return undefined
  const claim = createServer((socket) => socket.destroy())
  await listening(claim, { path: `\0tuesday-local-port-${port}` })
  return claim
}

/** Whether any program listens on a port, on any address: one that shares its port too would not refuse us. */
function isListenedOn(port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return ['/proc/net/tcp', '/proc/net/tcp6'].some((file) =>
    tableOf(file).some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/)
      return state === LISTENING && local.endsWith(suffix)
    }),
  )
}

/** TCP_LISTEN in the kernel's tables (man 5 proc). */
const LISTENING = '0A'

function tableOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function taken(host: string, port: number): Error {
  return Object.assign(new Error(`listen EADDRINUSE: address already in use ${host}:${port}`), {
    code: 'EADDRINUSE',
  })
}

function listening(server: Server, options: ListenOptions & { reusePort?: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
