import type { AnalysisPolicy, OnFail } from '../rollout/policy.js'
import type { MetricRule } from '../rollout/ports/judge.js'
import type { MetricEntry } from './analysis-schema.js'
import type { Problem } from './problem.js'
import type { Settings } from './rollout-schema.js'

/*
 * What is tolerated where the file says nothing: a regression that is both more than a quarter worse and more than
 * 0.05 points worse counts for errors, one of more than 10 % and more than 5 ms for latencies.
 */
const ERROR_RATIO = 1.25
const ERROR_POINTS = 0.0005
const LATENCY_RATIO = 1.1
const LATENCY_MS = 5
const DEFAULT_METRICS = ['errors', 'latency-p95'] as const

interface ResolvedAnalysis {
  readonly policy: AnalysisPolicy | undefined
  readonly onFail: OnFail
  readonly problems: readonly Problem[]
}

/** How the candidate is judged, defaults filled in. */
export function resolveAnalysis(analysis: Settings['analysis']): ResolvedAnalysis {
  if (analysis === undefined || analysis === false) return { policy: undefined, onFail: 'back', problems: [] }
  const rules: MetricRule[] = []
  const problems: Problem[] = []
  ;(analysis.metrics ?? DEFAULT_METRICS).forEach((entry, index) => {
    const path = ['analysis', 'metrics', index]
    const rule = ruleOf(entry, path)
    if ('message' in rule) problems.push(rule)
    else if (rules.some(({ name }) => name === rule.name)) {
      problems.push({ path, mark: 'value', message: `given ${rule.name} twice; allowed: each metric once` })
    } else rules.push(rule)
  })
  return {
    policy: {
      queries: rules.map(({ name, kind }) => ({ name, kind })),
      parameters: { rules, minSamples: analysis['min-samples'] ?? 100 },
      intervalMs: analysis.interval ?? 1_000,
      maxHoldFactor: analysis['max-hold'] ?? 3,
      onInconclusive: analysis['on-inconclusive'] ?? 'back',
    },
    onFail: analysis['on-fail'] ?? 'back',
    problems,
  }
}

/** What a name says of itself: `errors` is a share, `latency-p95` the 95th percentile of a latency. */
function meaningOf(name: string | undefined): { kind?: MetricRule['kind']; percentile?: number } {
  if (name === 'errors') return { kind: 'share' }
  const percentile = /^latency-p(\d{1,2}(?:\.\d)?)$/.exec(name ?? '')?.[1]
  return percentile === undefined ? {} : { kind: 'latency', percentile: Number(percentile) }
}

function ruleOf(entry: MetricEntry, path: Problem['path']): MetricRule | Problem {
  const given = typeof entry === 'string' ? { name: entry } : entry
  const meant = meaningOf(given.name)
  const kind = given.kind ?? meant.kind ?? (given.percentile === undefined ? undefined : 'latency')
  if (kind === undefined) {
    const message = 'does not say what is counted; allowed: kind: share, or kind: latency with a percentile'
    return { path, mark: 'value', message }
  }
  return kind === 'share' ? shareRule(given, path) : latencyRule(given, meant.percentile, path)
}

type LongEntry = Exclude<MetricEntry, string>

function shareRule(given: LongEntry, path: Problem['path']): MetricRule | Problem {
  const name = given.name ?? 'errors'
  if (given.percentile !== undefined || meaningOf(name).kind === 'latency') {
    return wrong(
      path,
      given.percentile === undefined ? 'kind' : 'percentile',
      `${name} is a share, which has no percentile; for latencies: kind: latency`,
    )
  }
  if (given['tolerate-duration'] !== undefined) {
    return wrong(
      path,
      'tolerate-duration',
      `${name} is a share; allowed: tolerate-points, a percentage of all requests`,
    )
  }
  if (given.limit !== undefined && !('share' in given.limit)) {
    return wrong(path, 'limit', `${name} is a share; allowed: a percentage such as 5%`)
  }
  return {
    name,
    kind: 'share',
    tolerateRatio: given.tolerate === undefined ? ERROR_RATIO : 1 + given.tolerate,
    tolerateShare: given['tolerate-points'] ?? ERROR_POINTS,
    ...(given.limit === undefined ? {} : { limit: given.limit.share }),
  }
}

function latencyRule(
  given: LongEntry,
  meant: number | undefined,
  path: Problem['path'],
): MetricRule | Problem {
  const percentile = given.percentile ?? meant
  const name = given.name ?? `latency-p${percentile}`
  if (percentile === undefined)
    return wrong(path, 'kind', `${name} is a latency; add the percentile, such as percentile: 95`)
  if (meant !== undefined && percentile !== meant) {
    return wrong(
      path,
      'percentile',
      `given ${percentile} for ${name}; leave it out, or name it latency-p${percentile}`,
    )
  }
  if (name === 'errors') return wrong(path, 'kind', 'errors is a share; leave kind out, or give another name')
  if (given['tolerate-points'] !== undefined) {
    return wrong(
      path,
      'tolerate-points',
      `${name} is a latency; allowed: tolerate, a percentage of the latency of stable`,
    )
  }
  if (given.limit !== undefined && !('ms' in given.limit)) {
    return wrong(path, 'limit', `${name} is a latency; allowed: a duration such as 800ms`)
  }
  return {
    name,
    kind: 'latency',
    percentile,
    tolerateRatio: given.tolerate === undefined ? LATENCY_RATIO : 1 + given.tolerate,
    tolerateMs: given['tolerate-duration'] ?? LATENCY_MS,
    ...(given.limit === undefined ? {} : { limit: given.limit.ms }),
  }
}

function wrong(path: Problem['path'], key: string, message: string): Problem {
  return { path: [...path, key], mark: 'value', message }
}
