import type { IncomingMessage } from 'node:http'

/** What a request's head becomes on its way to a replica, and what we read in it. */
export interface RequestHead {
  /** Names and values in turn, as Node's `rawHeaders` has them. */
  readonly headers: string[]
  readonly body: 'none' | 'sized' | 'chunked'
  readonly expectsContinue: boolean
  readonly cookie: string | undefined
  readonly tester: string | undefined
  readonly bucketKey: string | undefined
  /** The name of a protocol that the client would like to speak on this connection. */
  readonly upgrade: string | undefined
}

/** Headers that are read on the way, by their lower-case names. */
export interface HeaderNames {
  readonly tester: string
  readonly bucketKey: string | undefined
}

/** What we cannot forward truthfully; the message is for the client. */
export class Unforwardable extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'Unforwardable'
    this.status = status
  }
}

/** RFC 9110, 7.6.1: they speak of one connection and end with it. `trailer` is decided with the body's framing. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Connection options that name no header which we would otherwise pass on. */
const OWN_OPTIONS = new Set(['', 'close', 'keep-alive', 'upgrade', 'te'])

/**
 * Lower-case names of the headers met so far: the same twenty come with every request, and lowering their case is
 * most of the work. Bounded, since clients choose the names.
 */
const lowered = new Map<string, string>()

function lowerCase(name: string): string {
  const known = lowered.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  if (lowered.size < 2_000) lowered.set(name, lower)
  return lower
}

/** Adds to the headers in `drop` those that a Connection header names. Returns `drop`, made when it is needed. */
function dropNamed(connection: string, drop: Set<string> | undefined): Set<string> | undefined {
  const options = connection.split(',').map((option) => option.trim().toLowerCase())
  const named = options.filter((option) => !OWN_OPTIONS.has(option))
  return named.length === 0 ? drop : new Set([...(drop ?? []), ...named])
}

function without(headers: string[], drop: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (!drop.has(lowerCase(name))) kept.push(name, headers[at + 1] ?? '')
  }
  return kept
}

/** Headers that carry the message's framing or its address: no Connection header may take them away. */
const PROTECTED = ['host', 'content-length']

/**
 * Reads a request's headers once: those of the connection are left out, the rest stays as it came, and
 * X-Forwarded-For (appended to), -Proto and -Host (kept if a proxy before us wrote them) are added.
 * @throws Unforwardable for a transfer coding other than `chunked`.
 */
export function requestHead(request: IncomingMessage, names: HeaderNames): RequestHead {
  const raw = request.rawHeaders
  let headers: string[] = []
  let drop: Set<string> | undefined
  let cookie, tester, bucketKey, upgrade, trailer, host: string | undefined
  let forwardedFor, forwardedProto, forwardedHost: string | undefined
  let body: RequestHead['body'] = 'none'
  let expectsContinue = false

  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const value = raw[at + 1] ?? ''
    const lower = lowerCase(name)
    if (HOP_BY_HOP.has(lower)) {
      if (lower === 'connection') drop = dropNamed(value, drop)
      else if (lower === 'transfer-encoding') body = chunkedOrThrow(value)
      else if (lower === 'trailer') trailer = value
      else if (lower === 'upgrade') upgrade = value
      continue
    }
    if (lower === 'x-forwarded-for') {
      forwardedFor = forwardedFor === undefined ? value : `${forwardedFor}, ${value}`
      continue
    }
    if (lower === 'cookie') cookie = cookie === undefined ? value : `${cookie}; ${value}`
    else if (lower === 'content-length') body = 'sized'
    else if (lower === 'host') host = value
    else if (lower === 'expect') expectsContinue = value.toLowerCase() === '100-continue'
    else if (lower === 'x-forwarded-proto') forwardedProto = value
    else if (lower === 'x-forwarded-host') forwardedHost = value
    if (lower === names.tester) tester = value
    if (lower === names.bucketKey) bucketKey = value
    headers.push(name, value)
  }

  if (drop !== undefined) {
    for (const name of PROTECTED) drop.delete(name)
    headers = without(headers, drop)
  }
  const client = clientAddress(request)
  headers.push('X-Forwarded-For', forwardedFor === undefined ? client : `${forwardedFor}, ${client}`)
  if (forwardedProto === undefined) headers.push('X-Forwarded-Proto', 'http')
  if (forwardedHost === undefined && host !== undefined) headers.push('X-Forwarded-Host', host)
  if (body === 'chunked') {
    headers.push('Transfer-Encoding', 'chunked')
    if (trailer !== undefined) headers.push('Trailer', trailer)
  } else if (body === 'none' && !BODYLESS.has(request.method ?? '')) {
    // Node would announce a chunked body for a POST that has none.
    headers.push('Content-Length', '0')
  }
  return { headers, body, expectsContinue, cookie, tester, bucketKey, upgrade }
}

const BODYLESS = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE', 'CONNECT'])

function chunkedOrThrow(coding: string): 'chunked' {
  if (coding.trim().toLowerCase() === 'chunked') return 'chunked'
  throw new Unforwardable(501, `transfer coding ${coding} is not understood here; only chunked is`)
}

function clientAddress(request: IncomingMessage): string {
  const address = request.socket.remoteAddress ?? 'unknown'
  return address.startsWith('::ffff:') ? address.slice(7) : address
}

/** What an answer's head becomes on its way to the client. */
export interface AnswerHead {
  readonly headers: string[]
  /** What the replica says of idle connections: `timeout=5`. */
  readonly keepAlive: string | undefined
}

/**
 * Reads an answer's headers once; those of the connection are left out. A Trailer header stays where trailers can
 * follow: in a body of unknown length, which `chunkable` says the client understands.
 */
export function answerHead(answer: IncomingMessage, chunkable: boolean): AnswerHead {
  const raw = answer.rawHeaders
  let headers: string[] = []
  let drop: Set<string> | undefined
  let keepAlive, trailer: string | undefined
  let sized = false
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const value = raw[at + 1] ?? ''
    const lower = lowerCase(name)
    if (HOP_BY_HOP.has(lower)) {
      if (lower === 'connection') drop = dropNamed(value, drop)
      else if (lower === 'keep-alive') keepAlive = value
      else if (lower === 'trailer') trailer = value
      continue
    }
    if (lower === 'content-length') sized = true
    headers.push(name, value)
  }
  if (drop !== undefined) {
    for (const name of PROTECTED) drop.delete(name)
    headers = without(headers, drop)
  }
  if (trailer !== undefined && chunkable && !sized) headers.push('Trailer', trailer)
  return { headers, keepAlive }
}
