import type { Preset } from './preset.js'

/** What a slot is called where a person names it: `shop-blue@file`, or by a label at Docker, Consul, Nomad and the like. */
const NAMED = 'service=~"{{service}}-{{slot}}@.+"'

/**
 * What Traefik makes of the Service of a slot in Kubernetes: namespace, name, and number or name of the port, as in
 * `production-shop-blue-80@kubernetes`. Of an Ingress (`kubernetes`), of an IngressRoute with several services
 * (`kubernetescrd`), and of an HTTPRoute (`kubernetesgateway`).
 */
const OF_KUBERNETES = 'service=~"{{namespace}}-{{service}}-{{slot}}-[0-9a-z]+@kubernetes(?:crd|gateway)?"'

/**
 * Traefik’s metrics by service, which are on unless `addServicesLabels` is off.
 * https://doc.traefik.io/traefik/observability/metrics/overview/ (service metrics: `requests total`, `request duration`, labels
 * `code` and `service`). A service is called as its provider names it, and its provider behind `@`:
 * https://doc.traefik.io/traefik/providers/overview/#provider-namespace. Dashes join the parts of a name in Kubernetes, so that only
 * who knows the namespace can tell it from the beginning of another service’s name.
 */
export const traefik = (_podLabel: string, hasNamespace: boolean): Preset => {
  const service = hasNamespace ? OF_KUBERNETES : NAMED
  return {
    share: {
      requests: `traefik_service_requests_total{${service}}`,
      bad: `traefik_service_requests_total{${service},code=~"5.."}`,
    },
    latency: { buckets: `traefik_service_request_duration_seconds_bucket{${service}}`, unit: 's' },
  }
}
