import * as v from 'valibot'
import type { PrometheusSettings } from '../../metrics/prometheus/settings.js'
import { duration, key, oneOf, placeholderValues, positiveDuration, text } from '../value-formats.js'
import { loginKeys, oneLogin, patienceKeys, serverSettings, urlKey } from './server-schema.js'

/** Presets whose metrics Prometheus has. */
export const PROMETHEUS_PRESETS = [
  'istio',
  'linkerd',
  'envoy-gateway',
  'ingress-nginx',
  'traefik',
  'opentelemetry',
  'tuesday',
] as const

/** `source: { prometheus: … }`: Prometheus, and whatever speaks its API: Thanos, Mimir, VictoriaMetrics, managed services. */
export const prometheusSchema = v.pipe(
  v.strictObject(
    {
      url: urlKey(
        'Where its API is, without `/api/v1`, with a path prefix if there is one: `https://mimir.example/prometheus`. `${NAME}` is filled in.',
      ),
      preset: key(
        oneOf(PROMETHEUS_PRESETS),
        'Who counts the requests: gives `errors` and `latency-pNN` their queries. Default: `tuesday` where the local platform has a `metrics-port`.',
      ),
      'pod-label': key(
        text('the name of a label, such as pod'),
        'Label that names a pod; presets select by it too. Default: `pod`, and `instance` for series that have none.',
      ),
      'scrape-interval': key(
        positiveDuration,
        'How often targets are scraped. Default: found out from the samples.',
      ),
      slack: key(
        duration,
        'How long after a scrape began its samples can be read, beyond one scrape interval.',
        '1s',
      ),
      values: key(placeholderValues, 'More placeholders for queries, by name: `{{namespace}}`.'),
      ...loginKeys,
      ...patienceKeys,
    },
    'a map such as { url: "${PROMETHEUS_URL}", preset: traefik }',
  ),
  oneLogin(),
)

export type PrometheusEntry = v.InferOutput<typeof prometheusSchema>

export function prometheusSettings(entry: PrometheusEntry): PrometheusSettings {
  const { slack, values, 'pod-label': podLabel } = entry
  const scrapeIntervalMs = entry['scrape-interval']
  return {
    ...serverSettings(entry),
    ...(podLabel !== undefined && { podLabel }),
    ...(scrapeIntervalMs !== undefined && { scrapeIntervalMs }),
    ...(slack !== undefined && { slackMs: slack }),
    ...(values !== undefined && { values }),
  }
}
