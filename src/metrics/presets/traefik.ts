import type { Preset } from './preset.js'

/** `shop-blue@file`, `production-shop-blue-80@kubernetes`. */
const service = 'service=~"(?:.+-)?{{service}}-{{slot}}(?:-[0-9a-z]+)?@.+"'

/**
 * Traefik’s metrics by service, which are on unless `addServicesLabels` is off.
 * https://doc.traefik.io/traefik/observability/metrics/overview/ (service metrics: `requests total`, `request duration`, labels
 * `code` and `service`). The service is named after the slot’s own, `<service>-<slot>`, and its provider.
 */
export const traefik = (): Preset => ({
  share: {
    requests: `traefik_service_requests_total{${service}}`,
    bad: `traefik_service_requests_total{${service},code=~"5.."}`,
  },
  latency: { buckets: `traefik_service_request_duration_seconds_bucket{${service}}`, unit: 's' },
})
