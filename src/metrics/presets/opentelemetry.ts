import type { Preset } from './preset.js'

/**
 * OpenTelemetry’s conventions for HTTP servers: `http.server.request.duration` in seconds, with `http.response.status_code` and, for
 * requests that ended without one, `error.type`. https://opentelemetry.io/docs/specs/semconv/http/http-metrics/. In Prometheus’s names:
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/. Exporters that leave the unit out of names
 * need queries of their own.
 */
export const opentelemetry = (pod: string): Preset => {
  const name = 'http_server_request_duration_seconds'
  return {
    share: {
      requests: `${name}_count{${pod}=~"{{pods}}"}`,
      bad: `${name}_count{${pod}=~"{{pods}}",http_response_status_code=~"5.."}`,
    },
    latency: { buckets: `${name}_bucket{${pod}=~"{{pods}}"}`, unit: 's' },
  }
}
