import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

/** What a server was asked. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Reply = (response: ServerResponse, seen: Seen) => void

/** A server on loopback that answers as it was told, one reply after the other; the last one stays. */
export class ScriptedServer {
  readonly seen: Seen[] = []
  readonly #replies: Reply[]
  readonly #server: Server

  constructor(replies: readonly Reply[], tls?: ServerOptions) {
    this.#replies = [...replies]
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      request.setEncoding('utf8')
      let body = ''
      request.on('data', (piece) => (body += String(piece)))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        const seen = { method, url, headers, body }
        this.seen.push(seen)
        const reply = this.#replies.length > 1 ? this.#replies.shift() : this.#replies[0]
        if (reply === undefined) response.writeHead(501).end()
        else reply(response, seen)
      })
    }
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  }

  /** Its address. @param protocol as a client would write it */
  async listen(protocol = 'http'): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `${protocol}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  }
}

export function text(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)
  }
}

/** The connection is closed without an answer. */
export const hangUp: Reply = (response) => {
  response.destroy()
}
