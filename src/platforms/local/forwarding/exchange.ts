import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'

import { pumpBody } from './body-pump.js'
import { answerHead } from './header-passing.js'
import type { InFlight, ReplicaLink } from './replica-link.js'
import type { RequestRoute } from './request-route.js'

/** nginx's code for a client that went away before its answer; nobody receives it. */
export const CLIENT_GONE = 499

/** Asking them again changes nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Errors of a connection that the other end had closed already. */
const STALE = new Set(['ECONNRESET', 'EPIPE'])

/** As large as the largest head that Node's own servers may be set to accept in practice; theirs is 16 KiB. */
export const HEAD_LIMIT_BYTES = 64 * 1_024

/**
 * Runs `then` after the event loop has looked at all sockets once more. Whoever chooses an idle connection then
 * does not choose one whose end had been announced already.
 */
function afterNextPoll(then: () => void): void {
  setImmediate(() => setImmediate(then))
}

/** One request and its answer, from a client to a replica and back. */
export class Exchange implements InFlight {
  readonly kind = 'request'
  private readonly request: IncomingMessage
  private readonly response: ServerResponse
  private readonly route: RequestRoute
  private readonly startedAt = performance.now()
  private link: ReplicaLink | undefined
  private upstream: ClientRequest | undefined
  private answered: IncomingMessage | undefined
  private continued = false
  private resent = false
  private counted = false

  constructor(request: IncomingMessage, response: ServerResponse, route: RequestRoute) {
    this.request = request
    this.response = response
    this.route = route
    response.on('close', () => this.clientClosed())
    // A write to a client that has just gone; `close` has been told of it.
    response.on('error', () => {})
  }

  start(): void {
    if (SAFE.has(this.request.method ?? '')) this.attempt()
    else afterNextPoll(() => this.attempt())
  }

  /** Sends the request to a replica that has not refused it; answers by itself if there is none. */
  private attempt(): void {
    if (this.response.destroyed) return
    const link = this.route.choose()
    if (link === undefined) {
      const { status, why } = this.route.refusal()
      this.refuse(status, why)
      return
    }
    this.link = link
    link.begin(this)
    const upstream = httpRequest({
      host: link.host,
      port: link.port,
      method: this.request.method,
      path: this.request.url,
      headers: this.route.head.headers,
      // The second time a connection of its own: what is idle there may be as stale as the first one was.
      agent: this.resent ? false : link.agent,
      maxHeaderSize: HEAD_LIMIT_BYTES,
    })
    this.upstream = upstream
    upstream.on('response', (answer) => this.answer(link, answer))
    upstream.on('error', (error) => this.failed(link, upstream, error))
    // Nobody asked for another protocol: without this Node closes the connection, and tells no one.
    upstream.on('upgrade', (_answer, socket) => {
      socket.destroy()
      this.failed(link, upstream, new Error('it answered 101 unasked'))
    })
    this.passInterim(upstream)
    this.sendBody(upstream)
  }

  /** 100 and 103 on their way to the client. */
  private passInterim(upstream: ClientRequest): void {
    if (this.request.httpVersion !== '1.1') return
    if (this.route.head.expectsContinue) {
      upstream.on('continue', () => {
        this.continued = true
        this.response.writeContinue()
      })
    }
    upstream.on('information', ({ statusCode, headers }) => {
      if (statusCode === 102) this.response.writeProcessing()
      if (statusCode === 103 && headers.link !== undefined) this.passHints(headers.link)
    })
  }

  private passHints(link: string | string[]): void {
    try {
      this.response.writeEarlyHints({ link })
    } catch {
      // Node sends well-formed hints only; an answer is complete without them.
    }
  }

  /** A body is not touched before the connection stands: until then the request can still go elsewhere. */
  private sendBody(upstream: ClientRequest): void {
    if (this.route.head.body === 'none') {
      upstream.end()
      return
    }
    upstream.once('socket', (socket: Socket) => {
      if (socket.connecting) socket.once('connect', () => pumpBody(this.request, upstream))
      else pumpBody(this.request, upstream)
    })
  }

  private answer(link: ReplicaLink, answer: IncomingMessage): void {
    const { response } = this
    this.answered = answer
    const status = answer.statusCode ?? 502
    const { headers, keepAlive } = answerHead(answer, this.request.httpVersion === '1.1')
    link.agent.hear(keepAlive)
    if (this.route.newCookie !== undefined) headers.push('Set-Cookie', this.route.newCookie)
    // A body that the client keeps back, since nobody told it to continue, would be taken for the next request.
    if (this.route.head.expectsContinue && !this.continued) headers.push('Connection', 'close')
    answer.on('error', () => this.brokeOff())
    try {
      response.writeHead(status, answer.statusMessage ?? '', headers)
    } catch {
      this.refuse(502, `the answer of replica ${link.id} has a head that cannot be passed on`)
      return
    }
    pumpBody(answer, response, () => {
      this.count(status, status >= 500)
      this.finish()
    })
  }

  /** No answer came. */
  private failed(link: ReplicaLink, upstream: ClientRequest, error: NodeJS.ErrnoException): void {
    if (this.upstream !== upstream || this.counted) return
    if (this.response.headersSent) {
      this.brokeOff()
      return
    }
    if (this.response.destroyed || !this.maySendAgain(link, upstream, error)) {
      this.refuse(502, `replica ${link.id} gave no answer (${error.code ?? error.message})`)
      return
    }
    link.end(this)
    this.link = undefined
    this.route.countRetry(link)
    this.attempt()
  }

  /**
   * Sent again is what was never sent (the connection was refused), whatever it is; and once, what changes nothing
   * and met a kept-alive connection that was closed under it. Everything else may have been done already.
   */
  private maySendAgain(link: ReplicaLink, upstream: ClientRequest, error: NodeJS.ErrnoException): boolean {
    if (error.syscall === 'connect') {
      this.route.refusedBy(link)
      return true
    }
    if (this.resent || !upstream.reusedSocket || !STALE.has(error.code ?? '')) return false
    this.resent = SAFE.has(this.request.method ?? '') && this.route.head.body === 'none'
    return this.resent
  }

  /** An answer that ends in the middle; the client must see that it did. */
  private brokeOff(): void {
    if (this.counted) return
    this.count(502, true)
    this.finish()
    this.response.destroy()
  }

  private refuse(status: number, why: string): void {
    const { response } = this
    this.count(status, true)
    this.finish()
    if (response.headersSent) response.destroy()
    if (response.destroyed) return
    const body = `tuesday: ${why}\n`
    const headers = [
      'Content-Type',
      'text/plain; charset=utf-8',
      'Content-Length',
      `${Buffer.byteLength(body)}`,
    ]
    if (this.route.head.body !== 'none' && !this.request.complete) headers.push('Connection', 'close')
    response.writeHead(status, headers)
    response.end(this.request.method === 'HEAD' ? undefined : body)
  }

  private clientClosed(): void {
    if (this.counted || this.upstream === undefined) return
    this.count(CLIENT_GONE, false)
    this.finish()
  }

  /** Ends it for the replica's sake: its time to finish is over. */
  cut(): void {
    if (this.response.headersSent) this.brokeOff()
    else this.refuse(502, 'the replica was stopped before it had answered')
  }

  private count(status: number, failed: boolean): void {
    if (this.counted) return
    this.counted = true
    this.route.count(status, failed, performance.now() - this.startedAt, this.link)
  }

  /** The replica has nothing more to do for this request. */
  private finish(): void {
    const { upstream } = this
    this.link?.end(this)
    this.link = undefined
    if (upstream === undefined || (this.answered?.complete === true && upstream.writableEnded)) return
    upstream.destroy()
    // What the client still sends is read and dropped, so that it gets to read its answer.
    if (!this.request.complete) this.request.removeAllListeners('data').resume()
  }
}
