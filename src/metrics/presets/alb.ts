import type { Preset } from './preset.js'

/** The pair by which Elastic Load Balancing tells target groups apart: the ends of both ARNs. */
const dimensions = { LoadBalancer: '{{loadBalancer}}', TargetGroup: '{{targetGroup}}' }

/**
 * An Application Load Balancer with a target group for each slot. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html:
 * `RequestCount`, `HTTPCode_Target_5XX_Count` and `TargetResponseTime` (seconds) of `AWS/ApplicationELB`, by load balancer and target
 * group, a point a minute. `HTTPCode_ELB_5XX_Count` is not among them: it knows no target groups.
 */
export const alb = (): Preset => ({
  share: {
    namespace: 'AWS/ApplicationELB',
    dimensions,
    requests: 'RequestCount',
    bad: 'HTTPCode_Target_5XX_Count',
  },
  latency: { namespace: 'AWS/ApplicationELB', dimensions, duration: 'TargetResponseTime', unit: 's' },
})
