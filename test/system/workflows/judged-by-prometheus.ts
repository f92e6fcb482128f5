import { scenario } from '../../workflows/scenario.js'
import type { ScenarioStage, StageWishes } from '../../workflows/scenario-stage.js'
import { RealPrometheus } from '../prometheus/real-prometheus.js'

/** How often everything is scraped, in milliseconds. */
export const SCRAPE_MS = 1_000

/** Three times as long as the longest of them takes: a run that the machine has spoilt is repeated. */
const LIMIT_MS = 420_000

/** As many requests as in all scenarios, on fewer new connections: the cores carry two Prometheus besides. */
export const RATES = { keepAlive: 175, newConnection: 50, cookies: 50 }

const CLIENTS_ONLY = 'job="shop",slot="{{slot}}",path!~"/(healthz|readyz)"'

/** A metric that the service's own replicas count: what they answer to clients, and how much of it is an error of theirs. */
export const COUNTED_BY_PODS = {
  requests: `http_requests_total{${CLIENTS_ONLY}}`,
  bad: `http_requests_total{${CLIENTS_ONLY},code=~"5.."}`,
}

/**
 * What stands below `analysis:` where a Prometheus judges: the router's figures by the preset, short intervals, and otherwise
 * what a user has who says nothing.
 */
export function analysisBy(more: Readonly<Record<string, unknown>> = {}): string {
  const prometheus = { url: '${PROMETHEUS_URL}', preset: 'tuesday', 'scrape-interval': '1s' }
  return JSON.stringify({ source: { prometheus }, interval: '1s', 'tolerate-outage': '2s', ...more })
}

/**
 * A scenario with a Prometheus of its own, which scrapes the router and each replica. Jobs that judge are given where it is in
 * `PROMETHEUS_URL`: {@link whereItIs}.
 */
export function judgedByPrometheus(
  name: string,
  play: (stage: ScenarioStage, prometheus: RealPrometheus) => Promise<void>,
  wishes: StageWishes = {},
): void {
  const withPrometheus = async (stage: ScenarioStage): Promise<void> => {
    const prometheus = await RealPrometheus.start(stage.platform.scraped, `${SCRAPE_MS}ms`)
    try {
      await play(stage, prometheus)
    } finally {
      await prometheus.dispose()
    }
  }
  scenario(name, withPrometheus, { analysis: analysisBy(), limitMs: LIMIT_MS, ...wishes, scraped: true })
}

/** `env:` of a job that judges. */
export function whereItIs({ url }: RealPrometheus): string {
  return `{ PROMETHEUS_URL: "${url}" }`
}
