import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Traits } from './release-traits.ts'

/** Upper edges of the histogram, in seconds: those of many client libraries. */
const EDGES_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const PATHS: readonly string[] = ['/', '/orders', '/slow', '/healthz', '/readyz']
/** Pause before a metrics port that another process still has is tried again, in milliseconds. */
const TAKEN_MS = 100

/** Series by their labels. */
type Series = Map<string, { requests: number; seconds: number; byEdge: number[] }>

/**
 * Counts what the service answers, as a client library does: `http_requests_total` and `http_request_duration_seconds`
 * by `version`, `worker`, `path` and `code` (https://prometheus.io/docs/instrumenting/exposition_formats/). A request that
 * was broken off is not counted.
 */
export class Metrics {
  readonly #version: string
  readonly #traits: () => Traits
  readonly #series: Series = new Map()

  constructor(version: string, traits: () => Traits) {
    this.#version = version
    this.#traits = traits
  }

  /** Counts a request when its answer is out. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    const began = performance.now()
    response.once('finish', () => {
      const path = new URL(request.url ?? '/', 'http://service').pathname
      this.#count(path, response.statusCode, (performance.now() - began) / 1_000)
    })
  }

  /** Answers a scrape. */
  expose(response: ServerResponse): void {
    if (this.#traits().metricsDown) {
      response.writeHead(503, { 'content-type': 'text/plain' }).end('not now\n')
      return
    }
    const series = [...this.#series]
    const lines = [
      '# TYPE http_requests_total counter',
      ...series.map(([labels, { requests }]) => `http_requests_total{${labels}} ${requests}`),
      '# TYPE http_request_duration_seconds histogram',
      ...series.flatMap(([labels, one]) => histogramOf(labels, one)),
    ]
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(`${lines.join('\n')}\n`)
  }

  #count(path: string, code: number, seconds: number): void {
    const known = PATHS.includes(path) ? path : 'other'
    const labels = `version="${this.#version}",worker="${this.#traits().worker}",path="${known}",code="${code}"`
    const one = this.#series.get(labels) ?? { requests: 0, seconds: 0, byEdge: EDGES_S.map(() => 0) }
    this.#series.set(labels, one)
    one.requests += 1
    one.seconds += seconds
    const edge = EDGES_S.findIndex((upTo) => seconds <= upTo)
    if (edge >= 0) one.byEdge[edge] = (one.byEdge[edge] ?? 0) + 1
  }
}

/**
 * Answers `/metrics` on the first port of this process's slot that is free: of several replicas each has one, and a replica
 * that is started again has the one that was left. Waits for one where all are taken.
 *
 * @param ports of each slot, as METRICS_PORTS gives them: `blue=9101,9102 green=9103,9104`
 * @throws an Error if the slot has none
 */
export async function listenForScrapes(metrics: Metrics, ports: string, slot: string): Promise<number> {
  const own = new Map(ports.split(' ').map((one) => one.split('=') as [string, string])).get(slot)
  if (own === undefined) throw new Error(`METRICS_PORTS is "${ports}": no ports for the slot "${slot}"`)
  const server = createServer((request, response) => {
    if (request.url === '/metrics') metrics.expose(response)
    else response.writeHead(404).end()
  })
  server.unref()
  for (;;) {
    for (const port of own.split(',').map(Number)) {
      const bound = await new Promise<boolean>((resolve) => {
        const taken = (): void => resolve(false)
        server.once('error', taken)
        server.listen(port, '127.0.0.1', () => {
          server.removeListener('error', taken)
          resolve(true)
        })
      })
      if (bound) return port
    }
    await new Promise((resolve) => setTimeout(resolve, TAKEN_MS))
  }
}

function histogramOf(
  labels: string,
  { requests, seconds, byEdge }: { requests: number; seconds: number; byEdge: readonly number[] },
): readonly string[] {
  let upTo = 0
  const buckets = EDGES_S.map((edge, index) => {
    upTo += byEdge[index] ?? 0
    return `http_request_duration_seconds_bucket{${labels},le="${edge}"} ${upTo}`
  })
  return [
    ...buckets,
    `http_request_duration_seconds_bucket{${labels},le="+Inf"} ${requests}`,
    `http_request_duration_seconds_sum{${labels}} ${seconds}`,
    `http_request_duration_seconds_count{${labels}} ${requests}`,
  ]
}
