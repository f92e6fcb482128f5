import type { MetricQuery } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { askLatency, askMean, askScalar, askShare, type Asked } from '../counting/asked.js'
import { fillQuery, refuseFilling } from '../counting/fill-query.js'
import { MetricSettings } from '../counting/metric-settings.js'
import { FOLDS } from '../counting/points.js'

/** One statistic of one metric. */
export interface MetricStat {
  readonly namespace: string
  readonly metric: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly statistic: string
}

const LOAD_BALANCER = 'AWS/ApplicationELB'

/** What load balancers call what we want (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html). */
const OF_LOAD_BALANCER: Readonly<Record<string, string>> = {
  requests: 'RequestCount',
  bad: 'HTTPCode_Target_5XX_Count',
  duration: 'TargetResponseTime',
}

const DIMENSIONS = '{ LoadBalancer: app/shop/50dc6c495c0c9188, TargetGroup: "{{targetGroup}}" }'

/** What is asked for a metric of one side. @throws UserError for what it says wrongly */
export function askCloudWatch(metric: MetricQuery, values: Selector): Asked<MetricStat> {
  const settings = new MetricSettings('cloudwatch', metric)
  const namespace = settings.optionalText('namespace', LOAD_BALANCER) ?? LOAD_BALANCER
  const dimensions = filled(settings.textMap('dimensions', DIMENSIONS), values)
  const usual = namespace === LOAD_BALANCER ? OF_LOAD_BALANCER : {}
  const example = (key: string): string => OF_LOAD_BALANCER[key] ?? 'the name of a metric'
  const named = (name: string, statistic = 'Sum'): MetricStat => ({
    namespace,
    metric: name,
    dimensions,
    statistic,
  })
  const one = (key: string): string =>
    settings.optionalText(key, example(key)) ?? usual[key] ?? settings.text(key, example(key))
  switch (metric.kind) {
    case 'share':
      return askShare(
        named(one('requests')),
        settings.texts('bad', example('bad'), usual['bad']).map((bad) => named(bad)),
      )
    case 'mean':
      return askMean(named(one('values')), named(one('sum')), named(one('squares')))
    case 'scalar': {
      const statistic = settings.optionalText('statistic', 'Average, Sum, Minimum, Maximum, p95') ?? 'Average'
      return askScalar(named(one('query'), statistic), settings.choice('aggregate', FOLDS, 'avg'))
    }
    case 'latency':
      return latency(settings, (statistic) => named(one('duration'), statistic))
  }
}

/** A trimmed count, `TC(:0.1)`, is how many values are at most 0.1 (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html). CloudWatch estimates it, so it may be no whole number. */
function latency(settings: MetricSettings, of: (statistic: string) => MetricStat): Asked<MetricStat> {
  const perMs = settings.choice('unit', ['s', 'ms'], 's') === 's' ? 1_000 : 1
  const edgesMs = settings.edgesMs()
  const atMost = edgesMs.map((edge) => of(`TC(:${edge / perMs})`))
  return askLatency(edgesMs, atMost, of('SampleCount'))
}

/** Dimensions are values of JSON, where every sign stands for itself. */
function filled(
  dimensions: Readonly<Record<string, string>>,
  values: Selector,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(dimensions).map(([name, value]) => [
      name,
      fillQuery(value, values, (filling) =>
        filling.pattern ? refuseFilling(filling, 'is a pattern, which a dimension cannot be') : filling.value,
      ),
    ]),
  )
}
