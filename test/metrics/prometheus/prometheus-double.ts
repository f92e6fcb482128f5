import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse, ParseError, type Labels, type Parsed } from './promql-double.js'

/** One line of an exposition. */
export interface Exposed {
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

interface Stored {
  readonly labels: Labels
  readonly samples: (readonly [atMs: number, value: number])[]
}

/** What a test has the server answer instead, once for each. */
export interface Trouble {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A Prometheus as its documentation says it answers (https://prometheus.io/docs/prometheus/latest/querying/api/): instant queries
 * of selectors by GET or by POST with a form, with the errors of that page. It knows one path, and refuses the rest.
 */
export class PrometheusDouble {
  readonly #series = new Map<string, Stored>()
  readonly #server: Server
  /** Every query that was asked, with its time. */
  readonly asked: {
    readonly query: string
    readonly time: string | undefined
    readonly authorization: string | undefined
    /** Whether Thanos may leave stores out that do not answer. */
    readonly partial: string
  }[] = []
  /** Wall time of the server, milliseconds since 1970. */
  nowMs: number
  /** Before 3.0 a range had the sample at its very beginning too (migration guide of 3.0, "left open"). */
  leftOpen = true
  /** Answered in the place of the next questions. */
  readonly troubles: Trouble[] = []
  /** Answers to expressions that the double does not compute, as `data`. */
  readonly data = new Map<string, unknown>()
  warnings: readonly string[] = []
  authorization: string | undefined

  constructor(nowMs: number) {
    this.nowMs = nowMs
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        ({ status, body, headers }) => {
          response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
        },
        (thrown: unknown) => response.destroy(thrown instanceof Error ? thrown : undefined),
      )
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Stores what a target exposes at a moment. */
  scrape(atMs: number, exposed: readonly Exposed[]): void {
    for (const { name, labels, value } of exposed) {
      const all = { __name__: name, ...labels }
      const key = JSON.stringify(Object.entries(all).sort())
      const stored: Stored = this.#series.get(key) ?? { labels: all, samples: [] }
      stored.samples.push([atMs, value])
      this.#series.set(key, stored)
    }
  }

  async #answer(request: IncomingMessage): Promise<Trouble> {
    const url = new URL(request.url ?? '/', 'http://prometheus')
    const body = await bodyOf(request)
    const trouble = this.troubles.shift()
    if (trouble !== undefined) return trouble
    if (this.authorization !== undefined && request.headers.authorization !== this.authorization) {
      // https://prometheus.io/docs/prometheus/latest/configuration/https/: the web configuration answers in plain text.
      return { status: 401, body: 'Unauthorized\n', headers: { 'content-type': 'text/plain' } }
    }
    if (url.pathname !== '/api/v1/query')
      return { status: 404, body: '404 page not found\n', headers: { 'content-type': 'text/plain' } }
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded'
    const given = request.method === 'POST' && isForm ? new URLSearchParams(body) : url.searchParams
    const query = given.get('query') ?? ''
    const time = given.get('time') ?? undefined
    const partial = given.get('partial_response') ?? 'true'
    this.asked.push({ query, time, partial, authorization: request.headers.authorization })
    return this.#instant(query, time === undefined ? this.nowMs : Math.round(Number(time) * 1_000))
  }

  #instant(query: string, atMs: number): Trouble {
    const canned = this.data.get(query)
    if (canned !== undefined) return this.#success(canned)
    if (Number.isNaN(atMs))
      return failure(400, 'bad_data', 'invalid parameter "time": cannot parse to a valid timestamp')
    try {
      return this.#success(this.#evaluate(parse(query), atMs))
    } catch (thrown) {
      if (!(thrown instanceof ParseError) && !(thrown instanceof SyntaxError)) throw thrown
      return failure(400, 'bad_data', `invalid parameter "query": ${thrown.message}`)
    }
  }

  #evaluate(parsed: Parsed, atMs: number): unknown {
    if (parsed.kind === 'time') return { resultType: 'scalar', result: [atMs / 1_000, String(atMs / 1_000)] }
    const { kind, selector, rangeMs } = parsed
    const from = this.leftOpen ? atMs - rangeMs + 1 : atMs - rangeMs
    const found = [...this.#series.values()]
      .filter(({ labels }) => selector.matches(labels))
      .map(({ labels, samples }) => ({
        metric: labels,
        inRange: samples.filter(([at]) => at >= from && at <= atMs),
      }))
      .filter(({ inRange }) => inRange.length > 0)
    if (kind === 'range') {
      const result = found.map(({ metric, inRange }) => ({ metric, values: inRange.map(pair) }))
      return { resultType: 'matrix', result }
    }
    const result = found.map(({ metric: { __name__: _, ...metric }, inRange }) => {
      return { metric, value: [atMs / 1_000, String(inRange.at(-1)?.[1])] }
    })
    return { resultType: 'vector', result }
  }

  #success(data: unknown): Trouble {
    const warnings = this.warnings.length === 0 ? {} : { warnings: this.warnings }
    return { status: 200, body: JSON.stringify({ status: 'success', data, ...warnings }) }
  }
}

function failure(status: number, errorType: string, error: string): Trouble {
  return { status, body: JSON.stringify({ status: 'error', errorType, error }) }
}

/** Seconds as a number, the value as a string. */
function pair([atMs, value]: readonly [number, number]): [number, string] {
  return [atMs / 1_000, String(value)]
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  request.setEncoding('utf8')
  for await (const piece of request) text += String(piece)
  return text
}
