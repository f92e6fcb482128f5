import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that some service answered. */
export interface Request {
  readonly atMs: number
  readonly slot: string
  readonly bad: boolean
  readonly ms: number
}

/** What the double was asked. */
export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** Something that a vendor does not answer like this: the double refuses it, and the test fails for it. */
export class Strange extends Error {}

export function jsonReply(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

/**
 * A vendor's API on loopback, with a store of requests that were counted. What was counted can be read only after a while,
 * and until then in part: pessimistic, since a reader that comes too early must not find out by chance that it may.
 */
export abstract class VendorDouble {
  readonly asked: Asked[] = []
  /** Questions that no vendor would be asked; a test expects none. */
  readonly strange: string[] = []
  /** How often it was asked for nothing but its time. */
  askedForTime = 0
  readonly #requests: Request[] = []
  readonly #instead: Reply[] = []
  readonly #server: Server
  readonly #now: () => number
  /** How long until a request can be read, in milliseconds. */
  readonly #delayMs: number

  constructor(now: () => number, delayMs: number) {
    this.#now = now
    this.#delayMs = delayMs
    this.#server = createServer((request, response) => {
      request.setEncoding('utf8')
      let body = ''
      request.on('data', (piece) => (body += String(piece)))
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request
        const { status, headers: given = {}, body: text } = this.#reply({ method, path, headers, body })
        response.sendDate = false
        response.writeHead(status, { date: new Date(this.#now()).toUTCString(), ...given }).end(text)
      })
    })
  }

  /** Its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  count(slot: string, { good, bad, ms }: { good: number; bad: number; ms: number }): void {
    for (let index = 0; index < good + bad; index++) {
      this.#requests.push({ atMs: this.#now(), slot, bad: index >= good, ms })
    }
  }

  /** Answers the next questions like this, one after the other, whatever they are. */
  instead(...replies: readonly Reply[]): void {
    this.#instead.push(...replies)
  }

  /** What can be read now. */
  protected get requests(): readonly Request[] {
    const now = this.#now()
    return this.#requests.filter(({ atMs }) => now - atMs >= this.#delayMs)
  }

  protected get nowMs(): number {
    return this.#now()
  }

  /** @throws Strange for what it does not know */
  protected abstract answer(asked: Asked): Reply

  #reply(asked: Asked): Reply {
    // Nothing is there at the address of an API, and every answer has the time (RFC 9110, 6.6.1 and 9.3.2).
    if (asked.method === 'HEAD') {
      this.askedForTime++
      return { status: 404, body: '' }
    }
    this.asked.push(asked)
    const instead = this.#instead.shift()
    if (instead !== undefined) return instead
    try {
      return this.answer(asked)
    } catch (thrown) {
      if (!(thrown instanceof Strange)) throw thrown
      this.strange.push(thrown.message)
      return { status: 400, body: `the double does not know: ${thrown.message}` }
    }
  }
}
