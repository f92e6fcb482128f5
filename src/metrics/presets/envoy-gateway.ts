import type { Preset } from './preset.js'

/** A part of the cluster’s name is the Service of the slot. */
const cluster = 'envoy_cluster_name=~"(?:.*/)?{{service}}-{{slot}}(?:/.*)?"'

/**
 * The proxies of Envoy Gateway: Envoy’s statistics by cluster, the latency in milliseconds.
 * https://gateway.envoyproxy.io/docs/tasks/observability/proxy-metric/ and
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats (`upstream_rq_<*xx>`,
 * `upstream_rq_time`). Envoy Gateway makes one cluster of all backends of a rule, `httproute/<namespace>/<route>/rule/<n>`,
 * which tells no slots apart: each slot needs a cluster whose name has the Service `<service>-<slot>` between slashes, such as a
 * route of its own by that name.
 */
export const envoyGateway = (): Preset => ({
  share: {
    requests: `envoy_cluster_upstream_rq_xx{${cluster}}`,
    bad: `envoy_cluster_upstream_rq_xx{${cluster},envoy_response_code_class="5"}`,
  },
  latency: { buckets: `envoy_cluster_upstream_rq_time_bucket{${cluster}}`, unit: 'ms' },
})
