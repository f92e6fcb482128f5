import { request as httpRequest, ServerResponse, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { pumpBody } from './body-pump.js'
import { CLIENT_GONE } from './exchange.js'
import { answerHead } from './header-passing.js'
import type { InFlight, ReplicaLink } from './replica-link.js'
import type { RequestRoute } from './request-route.js'

/**
 * Whether a request asks to turn its connection into something else, and we help it to: a GET without a body, as a
 * websocket's is. HTTP/2 over cleartext is an offer that a server may pass over (RFC 9113, 3.1), and we do.
 */
export function wantsTunnel(request: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': coding } = request.headers
  if (upgrade === undefined || upgrade.toLowerCase().includes('h2c')) return false
  return request.method === 'GET' && length === undefined && coding === undefined
}

/** A connection that was upgraded (a websocket): bytes both ways, until either end closes. */
export class Tunnel implements InFlight {
  readonly kind = 'websocket'
  private readonly request: IncomingMessage
  private readonly client: Duplex
  private readonly clientHead: Buffer
  private readonly route: RequestRoute
  private readonly startedAt = performance.now()
  private link: ReplicaLink | undefined
  private upstream: ClientRequest | undefined
  private replica: Duplex | undefined
  private counted = false

  /** `clientHead` is what came after the request's head already. */
  constructor(request: IncomingMessage, client: Duplex, clientHead: Buffer, route: RequestRoute) {
    this.request = request
    this.client = client
    this.clientHead = clientHead
    this.route = route
    client.on('error', () => client.destroy())
    client.on('close', () => this.over())
  }

  start(): void {
    if (this.client.destroyed) return
    const link = this.route.choose()
    if (link === undefined) {
      const { status, why } = this.route.refusal()
      this.refuse(status, why)
      return
    }
    this.link = link
    link.begin(this)
    const { head } = this.route
    const upstream = httpRequest({
      host: link.host,
      port: link.port,
      method: this.request.method,
      path: this.request.url,
      headers: [...head.headers, 'Connection', 'Upgrade', 'Upgrade', head.upgrade ?? 'websocket'],
      agent: false,
    })
    this.upstream = upstream
    upstream.on('upgrade', (answer, replica, replicaHead) => this.join(answer, replica, replicaHead))
    upstream.on('response', (answer) => this.declined(answer))
    upstream.on('error', (error: NodeJS.ErrnoException) => this.failed(link, upstream, error))
    upstream.end()
  }

  /** The replica agreed: from here on it is theirs. */
  private join(answer: IncomingMessage, replica: Duplex, replicaHead: Buffer): void {
    const { client } = this
    this.replica = replica
    this.count(101, false)
    client.write(switchingHead(answer, this.route.newCookie), 'latin1')
    if (replicaHead.length > 0) client.write(replicaHead)
    if (this.clientHead.length > 0) replica.write(this.clientHead)
    replica.on('error', () => replica.destroy())
    replica.on('close', () => this.over())
    replica.pipe(client)
    client.pipe(replica)
  }

  /** The replica answered in plain HTTP: not there, not allowed. */
  private declined(answer: IncomingMessage): void {
    const status = answer.statusCode ?? 502
    const { headers } = answerHead(answer, true)
    if (this.route.newCookie !== undefined) headers.push('Set-Cookie', this.route.newCookie)
    const response = this.plainResponse()
    answer.on('error', () => this.cut())
    response.writeHead(status, answer.statusMessage ?? '', [...headers, 'Connection', 'close'])
    pumpBody(answer, response, () => this.count(status, status >= 500))
  }

  private failed(link: ReplicaLink, upstream: ClientRequest, error: NodeJS.ErrnoException): void {
    if (this.upstream !== upstream || this.counted) return
    if (error.syscall === 'connect' && !this.client.destroyed) {
      this.route.refusedBy(link)
      this.route.countRetry(link)
      link.end(this)
      this.link = undefined
      this.start()
      return
    }
    this.refuse(502, `replica ${link.id} gave no answer (${error.code ?? error.message})`)
  }

  private refuse(status: number, why: string): void {
    this.count(status, true)
    const body = `tuesday: ${why}\n`
    const length = `${Buffer.byteLength(body)}`
    const type = 'text/plain; charset=utf-8'
    this.plainResponse()
      .writeHead(status, ['Content-Type', type, 'Content-Length', length, 'Connection', 'close'])
      .end(body)
  }

  /** A plain answer on a connection that Node's server has handed over to us. */
  private plainResponse(): ServerResponse {
    const response = new ServerResponse(this.request)
    response.on('error', () => this.client.destroy())
    response.on('finish', () => this.client.end(() => this.client.destroy()))
    response.assignSocket(this.request.socket)
    return response
  }

  /** Either end has closed; what is on its way to the other one still arrives. */
  private over(): void {
    const { client, replica } = this
    if (replica === undefined && this.upstream !== undefined) {
      this.count(CLIENT_GONE, false)
      this.upstream.destroy()
    }
    for (const end of [client, replica]) {
      if (end !== undefined && !end.destroyed && !end.writableEnded) end.end(() => end.destroy())
    }
    if (client.destroyed && replica?.destroyed !== false) this.link?.end(this)
  }

  /** Ends it for the replica's sake: its time to finish is over. */
  cut(): void {
    this.count(502, true)
    this.upstream?.destroy()
    this.replica?.destroy()
    this.client.destroy()
    this.link?.end(this)
  }

  private count(status: number, failed: boolean): void {
    if (this.counted) return
    this.counted = true
    this.route.count(status, failed, performance.now() - this.startedAt, this.link)
  }
}

function switchingHead(answer: IncomingMessage, newCookie: string | undefined): string {
  const lines = ['HTTP/1.1 101 Switching Protocols']
  const raw = answer.rawHeaders
  for (let at = 0; at < raw.length; at += 2) lines.push(`${raw[at]}: ${raw[at + 1]}`)
  if (newCookie !== undefined) lines.push(`Set-Cookie: ${newCookie}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
