import type { IncomingMessage } from 'node:http'
import { messageOf } from '../rollout/user-error.js'

/** Read of a body at most: a check speaks of what is at its beginning. */
const BODY_LIMIT = 1_048_576

export interface Question {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** From the request to the end of the answer, in milliseconds. */
  readonly ms: number
}

/**
 * One request on a connection of its own; redirects are answers like any other.
 * @throws Error in words if no complete answer came in time
 */
export function ask(question: Question): Promise<Reply> {
  const { url, method, headers, body, timeoutMs, signal } = question
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { method, headers: { 'user-agent': 'tuesday', ...headers }, agent: false, signal },
      (response) => {
        readBody(response).then(
          (text) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: flat(response),
              body: text,
              ms: performance.now() - began,
            }),
          (thrown: unknown) => reject(inWords(thrown)),
        )
      },
    )
    const late = setTimeout(
      () => asked.destroy(new Error(`no complete answer within ${Math.round(timeoutMs)} ms`)),
      timeoutMs,
    )
    asked.on('close', () => clearTimeout(late))
    asked.on('error', (thrown) => reject(inWords(thrown)))
    asked.end(body)
  })
}

async function readBody(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of response) {
    if (!Buffer.isBuffer(piece)) continue
    length += piece.length
    if (length > BODY_LIMIT) throw new Error(`the body is longer than ${BODY_LIMIT / 1_048_576} MiB`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function flat(response: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  )
}

/** The system's codes as people say them. */
const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'there is no such host',
  EHOSTUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'the connection timed out',
}

function inWords(thrown: unknown): Error {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : ''
  if (code.startsWith('HPE_')) return new Error(`the answer is not HTTP (${code})`, { cause: thrown })
  return new Error(CODES[code] ?? messageOf(thrown), { cause: thrown })
}
