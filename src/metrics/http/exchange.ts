import type { Agent, IncomingMessage } from 'node:http'
import { UserError } from '../../rollout/user-error.js'
import type { TlsMaterial } from './tls-files.js'

/** The longest answer that is read, in bytes: to read more as JSON would keep a step from everything else for seconds. */
const BODY_LIMIT = 16 * 1_048_576

/** Questions to one server at a time; others wait. */
export const MOST_CONNECTIONS = 6

export interface Exchange {
  readonly url: URL
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** From when there is a connection for it, in milliseconds. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly agent: Agent
  /** Told when there is a connection for it. */
  readonly onConnection?: () => void
}

/** What a server said. */
export interface Answer {
  readonly status: number
  /** By lower-case name; of several with one name the first. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** No complete answer came in time. */
export class TooLate extends Error {}

/** Keeps connections for the next look; idle ones keep no step alive. */
export function connections(protocol: string, tls: TlsMaterial): Agent {
  const { Agent } = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
  return new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS, ...tls })
}

/**
 * One request and its answer; redirects are answers like any other. Node's own client and not `fetch`, which can be
 * given a client certificate only through another package.
 * @throws the system's error if there is no answer, TooLate, UserError if the answer is too long
 */
export async function exchange(asked: Exchange): Promise<Answer> {
  const { url, method, headers, body, timeoutMs, signal, agent, onConnection } = asked
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = { 'user-agent': 'tuesday', accept: 'application/json', ...lengthOf(body), ...headers }
  const outgoing = request(url, { method, headers: sent, agent, signal }, resolve)
  let answer: IncomingMessage | undefined
  const late = new TooLate(`no complete answer within ${Math.ceil(timeoutMs / 100) / 10} s`)
  let timer: ReturnType<typeof setTimeout> | undefined
  // Until then it waits for our own other questions, and not for the server.
  outgoing.once('socket', () => {
    onConnection?.()
    timer = setTimeout(() => (answer ?? outgoing).destroy(late), timeoutMs)
  })
  outgoing.on('error', reject)
  outgoing.end(body)
  try {
    answer = await promise
    const text = await textOf(answer)
    return { status: answer.statusCode ?? 0, headers: firstOfEach(answer), body: text }
  } finally {
    clearTimeout(timer)
  }
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of answer) {
    if (!Buffer.isBuffer(piece)) continue
    length += piece.length
    if (length > BODY_LIMIT) {
      throw new UserError(`the answer is longer than ${BODY_LIMIT / 1_048_576} MiB`, {
        hint: 'Ask for less: a narrower query, or fewer labels.',
      })
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function firstOfEach({ headers }: IncomingMessage): Answer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  )
}
