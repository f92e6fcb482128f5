import { formatDuration } from '../rollout/duration.js'
import type { MetricRule } from '../rollout/ports/judge.js'
import type { MetricEntry } from './judging/metric-schema.js'

/** A key of a metric that says nothing, or too little, for this kind and method; and what is allowed. */
export type Misplaced = readonly [key: keyof MetricEntry, message: string]

/** A metric with what is known of it already. */
export interface KnownMetric {
  readonly entry: MetricEntry
  readonly name: string
  readonly kind: MetricRule['kind']
  readonly method: NonNullable<MetricRule['method']>
  /** The percentile that its name says. */
  readonly named: number | undefined
}

/** Every key that does not fit what the metric is. */
export function misplacedKeys(metric: KnownMetric): readonly Misplaced[] {
  return [...misplacedFor(metric), ...misplacedForMethod(metric)]
}

function misplacedFor(metric: KnownMetric): readonly Misplaced[] {
  switch (metric.kind) {
    case 'share':
      return ofShare(metric)
    case 'latency':
      return ofLatency(metric)
    case 'mean':
    case 'scalar':
      return ofNumber(metric)
  }
}

function ofShare({ entry, name, named }: KnownMetric): readonly Misplaced[] {
  const found: Misplaced[] = []
  if (entry.percentile !== undefined || named !== undefined) {
    const key = entry.percentile === undefined ? 'kind' : 'percentile'
    found.push([key, `${name} is a share, which has no percentile; for latencies: kind: latency`])
  }
  if (entry['tolerate-duration'] !== undefined) {
    const allowed = 'tolerate-points, a percentage of all requests'
    found.push(['tolerate-duration', `${name} is a share; allowed: ${allowed}`])
  }
  if (entry.limit !== undefined && !(typeof entry.limit === 'object' && 'share' in entry.limit)) {
    found.push([
      'limit',
      `given ${limitText(entry.limit)}; ${name} is a share; allowed: a percentage such as 5%`,
    ])
  }
  if (entry.worse !== undefined) found.push(alwaysHigher(name, 'share'))
  return found
}

function ofLatency({ entry, name, named }: KnownMetric): readonly Misplaced[] {
  const found: Misplaced[] = []
  if (entry.percentile === undefined && named === undefined) {
    if (name === 'errors') return [['kind', 'errors is a share; leave kind out, or give another name']]
    found.push(['kind', `${name} is a latency; add the percentile, such as percentile: 95`])
  }
  if (entry.percentile !== undefined && named !== undefined && entry.percentile !== named) {
    const advice = `leave it out, or name it latency-p${entry.percentile}`
    found.push(['percentile', `given ${entry.percentile} for ${name}; ${advice}`])
  }
  if (name === 'errors') {
    found.push(['kind', 'errors is a share; leave kind out, or give another name'])
  }
  if (entry['tolerate-points'] !== undefined) {
    const allowed = 'tolerate, a percentage of the latency of stable'
    found.push(['tolerate-points', `${name} is a latency; allowed: ${allowed}`])
  }
  if (entry.limit !== undefined && !(typeof entry.limit === 'object' && 'ms' in entry.limit)) {
    found.push([
      'limit',
      `given ${limitText(entry.limit)}; ${name} is a latency; allowed: a duration such as 800ms`,
    ])
  }
  if (entry.worse !== undefined) found.push(alwaysHigher(name, 'latency'))
  return found
}

/** As it was given. */
function limitText(limit: NonNullable<MetricEntry['limit']>): string {
  if (typeof limit === 'number') return String(limit)
  return 'share' in limit
    ? `${Number((limit.share * 100).toFixed(4))}%`
    : limit.ms % 1_000 === 0
      ? formatDuration(limit.ms)
      : `${limit.ms}ms`
}

function alwaysHigher(name: string, kind: string): Misplaced {
  return ['worse', `${name} is a ${kind}, of which more is always worse; worse is for means and scalars`]
}

function ofNumber({ entry, name, kind }: KnownMetric): readonly Misplaced[] {
  const foreign = ['percentile', 'tolerate-points', 'tolerate-duration'] as const
  const found = foreign.filter((key) => entry[key] !== undefined)
  const allowed = kind === 'mean' ? 'tolerate, a percentage of the mean of stable' : 'limit, a number'
  return [
    ...found.map((key): Misplaced => [key, `${name} is a ${kind}; allowed: ${allowed}`]),
    ...(entry.limit === undefined || typeof entry.limit === 'number'
      ? []
      : [
          [
            'limit',
            `given ${limitText(entry.limit)}; ${name} is a ${kind}; allowed: a number in its own unit, such as 12.5`,
          ] as const,
        ]),
  ]
}

function misplacedForMethod({ entry, name, kind, method }: KnownMetric): readonly Misplaced[] {
  const found: Misplaced[] = []
  if (method === 'sequential' && kind === 'scalar') {
    found.push(['method', `${name} is a scalar, which is no evidence; allowed: threshold or mann-whitney`])
  }
  if (method === 'threshold' && entry.limit === undefined) {
    found.push(['limit', `is missing; ${name} is judged by a limit for each block`])
  }
  if (method === 'mann-whitney' && entry.limit !== undefined) {
    const advice = 'leave it out, or add a metric by another name with method: threshold'
    found.push(['limit', `${name} is judged by mann-whitney, which looks at no limit; ${advice}`])
  }
  if (method !== 'threshold' && entry.threshold !== undefined) {
    found.push(['threshold', `is for method: threshold; ${name} is judged by ${method}`])
  }
  if (method !== 'mann-whitney' && entry['mann-whitney'] !== undefined) {
    found.push(['mann-whitney', `is for method: mann-whitney; ${name} is judged by ${method}`])
  }
  if (method !== 'sequential') {
    const allowed = method === 'threshold' ? 'limit' : 'mann-whitney: { tolerance: 0.25 }'
    const given = (['tolerate', 'tolerate-points', 'tolerate-duration'] as const).filter(
      (key) => entry[key] !== undefined,
    )
    found.push(...given.map((key): Misplaced => [key, `${name} is judged by ${method}; allowed: ${allowed}`]))
  }
  return found
}
