import { openPrometheus } from '../../../src/metrics/prometheus/prometheus.js'
import type { PrometheusSettings } from '../../../src/metrics/prometheus/settings.js'
import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
} from '../../../src/rollout/ports/metric-source.js'
import { VirtualClock } from '../../memory/virtual-clock.js'
import { PrometheusDouble, type Exposed } from './prometheus-double.js'

export const STABLE = { slot: 'blue' }
export const CANDIDATE = { slot: 'green' }

export interface Opening extends Partial<PrometheusSettings> {
  /** When the rollout began, in seconds of the double's time; not known if undefined. */
  readonly startedS?: number | undefined
  /** How much the runner's clock is ahead of the server's, in seconds. */
  readonly runnerAheadS?: number
  /** Whether the scrape interval is found out; else it is configured, 1 s. */
  readonly findInterval?: boolean
}

/** A source on a double of Prometheus. Times are seconds since the double's beginning. */
export class OpenedPrometheus {
  readonly double: PrometheusDouble
  readonly warnings: string[] = []
  readonly notes: string[] = []
  readonly source: MetricSource
  readonly #beganMs: number

  private constructor(double: PrometheusDouble, url: string, opening: Opening) {
    const { startedS, runnerAheadS = 0, findInterval = false, ...settings } = opening
    const clock = new VirtualClock(double.nowMs + runnerAheadS * 1_000)
    this.double = double
    this.#beganMs = double.nowMs
    const started =
      startedS === undefined ? undefined : new Date(clock.wallTime().getTime() + startedS * 1_000)
    this.source = openPrometheus(
      { url, ...(findInterval ? {} : { scrapeIntervalMs: 1_000 }), ...settings },
      {
        clock,
        signal: new AbortController().signal,
        service: 'shop',
        rolloutStarted: () => started,
        warn: (line) => this.warnings.push(line),
        note: (line) => this.notes.push(line),
        random: () => 1,
      },
    )
  }

  static async open(opening: Opening = {}): Promise<OpenedPrometheus> {
    const double = new PrometheusDouble(Date.UTC(2026, 0, 6, 11))
    const url = opening.url ?? (await double.listen())
    return new OpenedPrometheus(double, url, opening)
  }

  /** A scrape, so many seconds after the beginning. */
  scrape(atS: number, ...exposed: readonly Exposed[]): void {
    this.double.scrape(this.#beganMs + atS * 1_000, exposed)
  }

  window(fromS: number, toS: number): MetricWindow {
    return { fromMs: this.#beganMs + fromS * 1_000, toMs: this.#beganMs + toS * 1_000 }
  }

  /** What the candidate did alone. */
  candidate(metric: MetricQuery, fromS: number, toS: number): Promise<MetricReading> {
    return this.source.counts(metric, { stable: undefined, candidate: CANDIDATE }, this.window(fromS, toS))
  }

  both(metric: MetricQuery, fromS: number, toS: number): Promise<MetricReading> {
    return this.source.counts(metric, { stable: STABLE, candidate: CANDIDATE }, this.window(fromS, toS))
  }

  close(): Promise<void> {
    return this.double.close()
  }
}

/** Requests of a pod of the candidate, by status. */
export function requests(value: number, labels: Readonly<Record<string, string>> = {}): Exposed {
  return {
    name: 'http_requests_total',
    labels: { slot: 'green', instance: 'green-0:80', code: '200', ...labels },
    value,
  }
}

export const ERRORS: MetricQuery = {
  name: 'errors',
  kind: 'share',
  settings: {
    requests: 'http_requests_total{slot="{{slot}}"}',
    bad: 'http_requests_total{slot="{{slot}}",code=~"5.."}',
  },
}
