import type { Preset } from './preset.js'

/**
 * Linkerd’s proxies beside the service’s own pods (`direction="inbound"`). Bad is what Linkerd classifies as a failure: 5xx, and
 * errors of gRPC. The latency is the time to the first byte, in milliseconds. https://linkerd.io/2/reference/proxy-metrics/
 */
export const linkerd = (pod: string): Preset => ({
  share: {
    requests: `response_total{direction="inbound",${pod}=~"{{pods}}"}`,
    bad: `response_total{direction="inbound",${pod}=~"{{pods}}",classification="failure"}`,
  },
  latency: {
    buckets: `response_latency_ms_bucket{direction="inbound",${pod}=~"{{pods}}"}`,
    unit: 'ms',
  },
})
