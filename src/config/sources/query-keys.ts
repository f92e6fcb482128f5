import type { MetricRule } from '../../rollout/ports/judge.js'
import type { QueryKey } from './query-schema.js'
import type { SourceKind } from './source-schema.js'

/** Which keys a metric of one kind has for a source: those that it needs, and those that it may have besides. */
export interface KeysOfKind {
  readonly needs: readonly QueryKey[]
  readonly may: readonly QueryKey[]
}

type KeysOfSource = Readonly<Partial<Record<MetricRule['kind'], KeysOfKind>>>

/** Sources whose queries are texts and whose points are added up. */
const counted = {
  share: { needs: ['requests', 'bad'], may: [] },
  mean: { needs: ['values', 'sum', 'squares'], may: [] },
  scalar: { needs: ['query'], may: ['aggregate'] },
} as const

const cloudwatch = ['namespace'] as const
const newrelic = ['from'] as const

/** What a metric asks of each source. A kind that is not there cannot be counted by it. */
export const KEYS_OF_SOURCE: Readonly<Record<SourceKind, KeysOfSource>> = {
  local: { share: { needs: [], may: [] }, latency: { needs: [], may: [] } },
  prometheus: {
    share: { needs: ['requests', 'bad'], may: [] },
    latency: { needs: ['buckets'], may: ['unit'] },
    mean: { needs: ['sum', 'count'], may: [] },
    scalar: { needs: ['query'], may: [] },
  },
  datadog: { ...counted, latency: { needs: ['duration'], may: ['unit', 'edges'] } },
  cloudwatch: {
    share: { needs: ['dimensions'], may: [...cloudwatch, 'requests', 'bad'] },
    latency: { needs: ['dimensions'], may: [...cloudwatch, 'duration', 'unit', 'edges'] },
    mean: { needs: ['dimensions', 'values', 'sum', 'squares'], may: cloudwatch },
    scalar: { needs: ['dimensions', 'query'], may: [...cloudwatch, 'statistic', 'aggregate'] },
  },
  newrelic: {
    share: { needs: ['where', 'bad'], may: [...newrelic, 'requests'] },
    latency: { needs: ['where'], may: [...newrelic, 'duration', 'unit', 'edges'] },
    mean: { needs: ['where', 'value'], may: newrelic },
    scalar: { needs: ['where', 'query'], may: newrelic },
  },
  graphite: { ...counted, latency: { needs: ['buckets', 'edges'], may: [] } },
  influxdb: { ...counted, latency: { needs: ['buckets'], may: ['unit'] } },
  web: {
    share: { needs: ['path', 'requests', 'bad'], may: [] },
    latency: { needs: ['path', 'buckets', 'edges'], may: ['unit'] },
    mean: { needs: ['path', 'values', 'sum', 'squares'], may: [] },
    scalar: { needs: ['path', 'value'], may: [] },
  },
}
