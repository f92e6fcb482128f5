import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import type { Replica } from '../../../../src/platforms/local/forwarding/forwarder.js'

/** A real HTTP server that plays a replica and can be killed as a process is: every socket gone at once. */
export class ReplicaServer implements Replica {
  readonly id: string
  readonly version: string
  readonly port: number
  readonly server: Server
  /** Requests that arrived, as `POST /x`. */
  readonly seen: string[] = []
  private readonly sockets = new Set<Socket>()
  private readonly waiting: (() => void)[] = []

  private constructor(id: string, version: string, server: Server, port: number) {
    this.id = id
    this.version = version
    this.server = server
    this.port = port
    server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => {
        this.sockets.delete(socket)
        if (this.sockets.size === 0) for (const tell of this.waiting.splice(0)) tell()
      })
    })
    server.prependListener('request', (request) => this.seen.push(`${request.method} ${request.url}`))
  }

  /** Answers with its version in the body unless `listener` does something else. */
  static async start(
    id: string,
    version: string,
    listener: RequestListener = (_request, response) => response.end(version),
    port = 0,
  ): Promise<ReplicaServer> {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new ReplicaServer(id, version, server, (server.address() as AddressInfo).port)
  }

  get connections(): number {
    return this.sockets.size
  }

  /** Closes the sockets on which nothing happens just now, as a server does when its idle time is over. */
  closeIdle(): void {
    this.server.closeIdleConnections()
  }

  /** Resolves when the other end has closed all its connections. */
  async noConnections(): Promise<void> {
    if (this.sockets.size > 0) await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  async kill(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    for (const socket of this.sockets) {
      // A reset of a socket that is being ended is refused by the system, and Node then leaves it open for good.
      if (socket.writableEnded) socket.destroy()
      else socket.resetAndDestroy()
    }
    await closed
  }
}

/** The whole body of a request or an answer. */
export async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
