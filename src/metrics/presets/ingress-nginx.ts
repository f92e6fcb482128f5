import type { Preset } from './preset.js'

/** The Service behind the main Ingress is its label, for requests that went to the canary too. */
const main = 'service=~"{{service}}(?:-blue|-green)?",canary=~"{{canary}}"'

/**
 * The controller ingress-nginx. https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/: of a request that went to the
 * canary Ingress the label `canary` names the backend, of all others it is empty. So the slots are told apart by the part that
 * they have in the rollout.
 */
export const ingressNginx = (): Preset => ({
  share: {
    requests: `nginx_ingress_controller_requests{${main}}`,
    bad: `nginx_ingress_controller_requests{${main},status=~"5.."}`,
  },
  latency: { buckets: `nginx_ingress_controller_request_duration_seconds_bucket{${main}}`, unit: 's' },
  roles: { stable: { 'canary~': '' }, candidate: { 'canary~': '.+' } },
})
