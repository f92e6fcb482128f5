import type { Preset } from './preset.js'

/**
 * Istio’s standard metrics, as the sidecars of the service’s own pods report them (`reporter="destination"`); the latency is in
 * milliseconds. Labels: https://istio.io/latest/docs/reference/config/metrics/. The pod’s name is a label of the scrape:
 * https://istio.io/latest/docs/ops/integrations/prometheus/. Requests that reached no pod are not among them.
 */
export const istio = (pod: string): Preset => ({
  share: {
    requests: `istio_requests_total{reporter="destination",${pod}=~"{{pods}}"}`,
    bad: `istio_requests_total{reporter="destination",${pod}=~"{{pods}}",response_code=~"5.."}`,
  },
  latency: {
    buckets: `istio_request_duration_milliseconds_bucket{reporter="destination",${pod}=~"{{pods}}"}`,
    unit: 'ms',
  },
})
