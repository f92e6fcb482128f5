import { DEFAULT_TOLERANCE } from '../../rollout/ports/default-tolerance.js'
import type { MetricRule } from '../../rollout/ports/judge.js'
import type { MetricEntry } from './metric-schema.js'
import { misplacedKeys } from '../misplaced-keys.js'
import type { KeyPath, Problem } from '../problem.js'

/*
 * What is tolerated where the file says nothing: a regression that is both more than a quarter worse and more than
 * 0.05 points worse counts for errors, one of more than 10 % and more than 5 ms for latencies, one of more than 10 % for means.
 */
const LATENCY_MS = 5
const MEAN_RATIO = 1.1

/** What a name says of itself: `errors` is a share, `latency-p95` the 95th percentile of a latency. */
function meaningOf(name: string | undefined): { kind?: MetricRule['kind']; percentile?: number } {
  if (name === 'errors') return { kind: 'share' }
  const percentile = /^latency-p(\d{1,2}(?:\.\d)?)$/.exec(name ?? '')?.[1]
  return percentile === undefined ? {} : { kind: 'latency', percentile: Number(percentile) }
}

/** Queries that only one kind of metric has. */
const TELLING = [
  ['bad', 'share'],
  ['buckets', 'latency'],
  ['sum', 'mean'],
  ['query', 'scalar'],
] as const

/** What is counted: as it is said, by the name, or by what is asked for. */
export function kindOf(entry: MetricEntry): MetricRule['kind'] | undefined {
  const meant = meaningOf(entry.name)
  if (entry.kind !== undefined) return entry.kind
  const told = TELLING.find(([query]) => entry[query] !== undefined)
  // New Relic's `value`, beside its condition, is what a mean is of; elsewhere it is the number itself.
  if (entry.value !== undefined) return entry.where === undefined ? 'scalar' : 'mean'
  return told?.[1] ?? meant.kind ?? (entry.percentile === undefined ? undefined : 'latency')
}

/** What is tolerated of a metric, defaults filled in; or all that is wrong with it. */
export function ruleOf(entry: MetricEntry, at: KeyPath): MetricRule | readonly Problem[] {
  const kind = kindOf(entry)
  if (kind === undefined) {
    const message = 'does not say what is counted; allowed: kind: share, or kind: latency with a percentile'
    return [{ path: at, mark: 'value', message }]
  }
  const percentile = kind === 'latency' ? (entry.percentile ?? meaningOf(entry.name).percentile) : undefined
  const name =
    entry.name ?? (kind === 'share' ? 'errors' : percentile === undefined ? kind : `latency-p${percentile}`)
  const method = entry.method ?? (kind === 'scalar' ? 'threshold' : 'sequential')
  const misplaced = misplacedKeys({ entry, name, kind, method, named: meaningOf(name).percentile })
  if (misplaced.length > 0) {
    return misplaced.map(([key, message]) => ({ path: [...at, key], mark: 'value', message }))
  }
  return {
    name,
    kind,
    ...(method !== 'sequential' && { method }),
    ...(percentile !== undefined && { percentile }),
    ...(entry.worse !== undefined && { worse: entry.worse }),
    ...(method === 'sequential' && toleranceOf(entry, kind)),
    ...limitOf(entry),
    ...(entry.weight !== undefined && { alphaWeight: entry.weight }),
    ...(method === 'threshold' && thresholdOf(entry)),
    ...(method === 'mann-whitney' && mannWhitneyOf(entry)),
  }
}

function toleranceOf(entry: MetricEntry, kind: MetricRule['kind']): Partial<MetricRule> {
  const ratio = entry.tolerate === undefined ? undefined : 1 + entry.tolerate
  switch (kind) {
    case 'share':
      return {
        tolerateRatio: ratio ?? DEFAULT_TOLERANCE.shareRatio,
        tolerateShare: entry['tolerate-points'] ?? DEFAULT_TOLERANCE.shareMore,
      }
    case 'latency':
      return {
        tolerateRatio: ratio ?? DEFAULT_TOLERANCE.latencyRatio,
        tolerateMs: entry['tolerate-duration'] ?? LATENCY_MS,
      }
    case 'mean':
      return { tolerateRatio: ratio ?? MEAN_RATIO }
    case 'scalar':
      return {}
  }
}

function limitOf({ limit }: MetricEntry): Pick<MetricRule, 'limit'> {
  if (limit === undefined) return {}
  if (typeof limit === 'number') return { limit }
  return { limit: 'share' in limit ? limit.share : limit.ms }
}

function thresholdOf({ threshold = {} }: MetricEntry): Pick<MetricRule, 'threshold'> {
  const { interval, window, count, 'consecutive-limit': inARow } = threshold
  const failureLimit = threshold['failure-limit'] ?? (inARow === undefined ? 0 : undefined)
  return {
    threshold: {
      ...said('failureLimit', failureLimit),
      ...said('consecutiveLimit', inARow),
      ...said('consecutiveErrorLimit', threshold['consecutive-error-limit']),
      ...said('intervalMs', interval),
      ...said('windowMs', window),
      ...said('count', count),
      dryRun: threshold['dry-run'] ?? false,
    },
  }
}

function mannWhitneyOf(entry: MetricEntry): Pick<MetricRule, 'mannWhitney'> {
  const given = entry['mann-whitney'] ?? {}
  const [low = 1, high = 1] = given['allowed-effect'] ?? []
  return {
    mannWhitney: {
      tolerance: given.tolerance ?? 0.25,
      confidence: given.confidence ?? 0.98,
      ...(given['allowed-effect'] !== undefined && { allowedEffect: [low, high] }),
      missing: given.missing ?? 'remove',
      ...said('outlierFactor', given.outliers),
      intervalMs: given.interval ?? 60_000,
      ...said('direction', given.direction),
      ...said('group', given.group),
      critical: given.critical ?? false,
    },
  }
}

/** A key of a rule, where the file says it. */
function said<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value })
}
