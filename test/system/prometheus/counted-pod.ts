import { once } from 'node:events'
import { createServer, get, type Server, type ServerResponse } from 'node:http'
import { freePort } from '../../testbed/free-port.js'

const EDGES_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

/** What a pod has served since a moment, by its own books. */
export interface Served {
  readonly requests: number
  readonly bad: number
  /** By latency bucket, one more than there are edges. */
  readonly latencies: readonly number[]
}

/** Upper edges of a pod's histogram, in milliseconds. */
export const EDGES_MS = EDGES_S.map((edge) => edge * 1_000)

interface Life {
  readonly byCode: Map<string, number>
  readonly latencies: number[]
}

/**
 * A pod of a service: it answers `/?code=500&ms=30`, exposes what it counted under `/metrics` as Prometheus reads it
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), and keeps books of its own that no restart loses.
 */
export class CountedPod {
  readonly labels: { readonly slot: string; readonly pod: string }
  readonly port: number
  /** Whether it answers scrapes; else they fail, and it goes on serving. */
  scrapable = true
  readonly #books = { requests: 0, bad: 0, latencies: newLatencies() }
  #life: Life = newLife()
  #server: Server | undefined
  readonly #watchers = new Set<() => void>()

  private constructor(slot: string, pod: string, port: number) {
    this.labels = { slot, pod }
    this.port = port
  }

  /** It does not run yet: `start` it. */
  static async create(slot: string, pod: string): Promise<CountedPod> {
    return new CountedPod(slot, pod, await freePort())
  }

  /** What it has served up to now, in all its lives. */
  get served(): Served {
    return { ...this.#books, latencies: [...this.#books.latencies] }
  }

  /** A new process: its counters begin at 0, and codes that it has not answered have no series. */
  async start(): Promise<void> {
    this.#life = newLife()
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://pod')
      if (url.pathname === '/metrics') this.#expose(response)
      else
        this.#serve(url.searchParams.get('code') ?? '200', Number(url.searchParams.get('ms') ?? 0), response)
    })
    this.#server = server
    server.listen(this.port, '127.0.0.1')
    await once(server, 'listening')
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }

  /** Sends it requests, as clients do; resolves when all are answered. */
  async traffic(good: number, bad = 0, ms = 0): Promise<void> {
    const codes = [...Array<string>(good).fill('200'), ...Array<string>(bad).fill('500')]
    for (let at = 0; at < codes.length; at += 20) {
      const some = codes.slice(at, at + 20)
      await Promise.all(some.map((code) => ask(`http://127.0.0.1:${this.port}/?code=${code}&ms=${ms}`)))
    }
  }

  /** Resolves when so many more scrapes have been answered, or refused if it is not scrapable. */
  async scrapes(count: number): Promise<void> {
    for (let seen = 0; seen < count; seen++) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher)
          resolve()
        }
        this.#watchers.add(watcher)
      })
    }
  }

  /** Counted before it is answered: whoever has the answer finds it in the counters. */
  #serve(code: string, ms: number, response: ServerResponse): void {
    const began = performance.now()
    setTimeout(() => {
      const seconds = (performance.now() - began) / 1_000
      const found = EDGES_S.findIndex((edge) => seconds <= edge)
      const bucket = found < 0 ? EDGES_S.length : found
      this.#life.byCode.set(code, (this.#life.byCode.get(code) ?? 0) + 1)
      this.#books.requests++
      if (code.startsWith('5')) this.#books.bad++
      for (const latencies of [this.#life.latencies, this.#books.latencies]) {
        latencies[bucket] = (latencies[bucket] ?? 0) + 1
      }
      response.writeHead(Number(code)).end(`${code}\n`)
    }, ms)
  }

  #expose(response: ServerResponse): void {
    response.writeHead(this.scrapable ? 200 : 503, { 'content-type': 'text/plain; version=0.0.4' })
    response.end(this.scrapable ? exposition(this.#life) : 'not now\n', () => {
      for (const watcher of [...this.#watchers]) watcher()
    })
  }
}

/** On a connection of its own: one that is kept would break with the process behind it. */
function ask(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => answer.on('end', resolve).on('error', reject).resume()).on(
      'error',
      reject,
    )
  })
}

function exposition({ byCode, latencies }: Life): string {
  const requests = [...byCode].map(([code, count]) => `http_requests_total{code="${code}"} ${count}`)
  let upTo = 0
  const buckets = latencies.map((count, index) => {
    upTo += count
    return `http_request_duration_seconds_bucket{le="${EDGES_S[index] ?? '+Inf'}"} ${upTo}`
  })
  return [
    '# TYPE http_requests_total counter',
    ...requests,
    '# TYPE http_request_duration_seconds histogram',
    ...buckets,
    `http_request_duration_seconds_count ${upTo}`,
    '',
  ].join('\n')
}

function newLatencies(): number[] {
  return [...EDGES_S, Infinity].map(() => 0)
}

function newLife(): Life {
  return { byCode: new Map(), latencies: newLatencies() }
}
