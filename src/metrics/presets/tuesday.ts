import type { Preset } from './preset.js'

const slot = 'service="{{service}}",environment="{{environment}}",slot="{{slot}}",entry="public"'

/** The router of the local platform, whose `metrics-port` Prometheus scrapes: docs/local-platform.md. Requests of clients only. */
export const tuesday = (): Preset => ({
  share: { requests: `tuesday_requests_total{${slot}}`, bad: `tuesday_errors_total{${slot}}` },
  latency: { buckets: `tuesday_request_duration_seconds_bucket{${slot}}`, unit: 's' },
})
