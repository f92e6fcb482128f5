import { VirtualClock } from '../../memory/virtual-clock.js'
import { PrometheusDouble, type Exposed } from './prometheus-double.js'

type Side = 'blue' | 'green'

const EDGES_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

/** A service of two slots with one pod each, scraped at whole multiples of an interval while time passes. */
export class ScrapedService {
  readonly clock = new VirtualClock()
  readonly prometheus = new PrometheusDouble(this.clock.wallTime().getTime())
  readonly #intervalMs: number
  readonly #counters = new Map<string, Exposed>()

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  /** Time goes on, and each scrape happens at its moment. */
  pass(ms: number): Promise<void> {
    const untilMs = this.prometheus.nowMs + ms
    for (let atMs = this.#nextScrape(); atMs <= untilMs; atMs += this.#intervalMs) {
      this.prometheus.scrape(atMs, [...this.#counters.values()])
    }
    this.prometheus.nowMs = untilMs
    this.clock.advance(ms)
    return Promise.resolve()
  }

  answer(
    slot: Side,
    { good, bad, ms }: { readonly good: number; readonly bad: number; readonly ms: number },
  ): void {
    const labels = { slot, instance: `${slot}-0:9090` }
    this.#add('http_requests_total', { ...labels, code: '200' }, good)
    if (bad > 0) this.#add('http_requests_total', { ...labels, code: '500' }, bad)
    for (const edge of [...EDGES_S, Infinity]) {
      const le = edge === Infinity ? '+Inf' : String(edge)
      this.#add(
        'http_request_duration_seconds_bucket',
        { ...labels, le },
        ms <= edge * 1_000 ? good + bad : 0,
      )
    }
    this.#add('http_request_duration_seconds_count', labels, good + bad)
    this.#add('http_request_duration_seconds_sum', labels, ((good + bad) * ms) / 1_000)
  }

  /** The process of a slot starts, or starts anew: what it counted is gone, and errors have no series before there is one. */
  start(slot: Side): void {
    for (const [key, { labels }] of this.#counters) if (labels['slot'] === slot) this.#counters.delete(key)
    this.answer(slot, { good: 0, bad: 0, ms: 0 })
  }

  /** Time goes on without a scrape. */
  passUnscraped(ms: number): void {
    this.prometheus.nowMs += ms
    this.clock.advance(ms)
  }

  #nextScrape(): number {
    return (Math.floor(this.prometheus.nowMs / this.#intervalMs) + 1) * this.#intervalMs
  }

  #add(name: string, labels: Exposed['labels'], by: number): void {
    const key = JSON.stringify([name, labels])
    this.#counters.set(key, { name, labels, value: (this.#counters.get(key)?.value ?? 0) + by })
  }
}
