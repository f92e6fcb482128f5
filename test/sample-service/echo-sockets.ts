import type { Server } from 'node:http'
import { WebSocketServer } from 'ws'

/** Websockets on /ws: each message comes back with the version and process that it reached. */
export function echoSockets(server: Server, name: () => { service: string; version: string; pid: number }) {
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://service').pathname !== '/ws') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (connection) => {
      connection.on('error', () => connection.terminate())
      connection.on('message', (message) =>
        connection.send(JSON.stringify({ ...name(), echo: String(message) })),
      )
    })
  })
  sockets.on('headers', (headers) => headers.push(`x-version: ${name().version}`))
  return {
    /** 1001, "going away": a client may open another one. Who does not answer the goodbye in 2 s is cut off. */
    closeAll(): void {
      for (const connection of sockets.clients) {
        connection.close(1001, 'going away')
        setTimeout(() => connection.terminate(), 2_000).unref()
      }
    },
    open: (): number => sockets.clients.size,
  }
}
