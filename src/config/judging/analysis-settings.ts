import { LOCAL_PLACEHOLDERS } from '../../platforms/local/settings.js'
import type { AnalysisPolicy, OnFail } from '../../rollout/policy.js'
import type { PlanStep } from '../../rollout/plan.js'
import type { JudgeParameters, MetricRule } from '../../rollout/ports/judge.js'
import type { AnalysisEntry } from './analysis-schema.js'
import { ruleOf } from './metric-rule.js'
import type { MetricEntry } from './metric-schema.js'
import { scoreOf, scoreProblems } from './score-settings.js'
import type { KeyPath, Problem } from '../problem.js'
import type { Settings } from '../rollout-schema.js'
import type { Variables } from '../sources/fill-variables.js'
import type { CountedMetric } from '../sources/metric-queries.js'
import type { Beneath, ResolvedSources } from '../sources/resolve-sources.js'
import type { SourceConfig } from '../sources/source-config.js'

const DEFAULT_METRICS = ['errors', 'latency-p95'] as const

interface ResolvedAnalysis {
  readonly policy: AnalysisPolicy | undefined
  /** Where the counts of the metrics come from; undefined where nothing is judged. */
  readonly sources: readonly SourceConfig[] | undefined
  readonly onFail: OnFail
  readonly problems: readonly Problem[]
}

/** How the candidate is judged, defaults filled in. */
export async function resolveAnalysis(
  { analysis, platform }: Settings,
  steps: readonly PlanStep[],
  variables: Variables,
): Promise<ResolvedAnalysis> {
  if (analysis === undefined || analysis === false) {
    return { policy: undefined, sources: undefined, onFail: 'back', problems: [] }
  }
  const beneath = beneathMetrics(platform?.local)
  const { rules, counted, problems } = rulesOf(analysis.metrics ?? DEFAULT_METRICS)
  const resolved = await sourcesOf(analysis, counted, variables, beneath)
  const queries = rules.map(({ name, kind }) => {
    const settings = resolved.queries.get(name)
    return { name, kind, ...(settings !== undefined && { settings }) }
  })
  return {
    policy: policyOf(analysis, rules, queries, steps, usualTimes(resolved.sources)),
    sources: resolved.sources,
    onFail: analysis['on-fail'] ?? 'back',
    problems: [...problems, ...resolved.problems, ...scoreProblems(analysis.score, rules)],
  }
}

function beneathMetrics(local: NonNullable<Settings['platform']>['local']): Beneath {
  return {
    usual: local?.['metrics-port'] === undefined ? undefined : 'tuesday',
    placeholders:
      local === undefined ? undefined : { name: 'local', fills: LOCAL_PLACEHOLDERS, apart: ['slot'] },
  }
}

type Metrics = NonNullable<AnalysisEntry['metrics']> | typeof DEFAULT_METRICS

interface Rules {
  readonly rules: readonly MetricRule[]
  readonly counted: readonly CountedMetric[]
  readonly problems: readonly Problem[]
}

function rulesOf(metrics: Metrics): Rules {
  const rules: MetricRule[] = []
  const counted: CountedMetric[] = []
  const problems: Problem[] = []
  for (const { entry, at } of entriesOf(metrics)) {
    const rule = ruleOf(entry, at)
    if (!('name' in rule)) problems.push(...rule)
    else if (rules.some(({ name }) => name === rule.name)) {
      problems.push({
        path: at,
        mark: 'value',
        message: `given ${rule.name} twice; allowed: each metric once`,
      })
    } else {
      rules.push(rule)
      counted.push({ entry, name: rule.name, kind: rule.kind, at })
    }
  }
  return { rules, counted, problems }
}

/** The metrics of a list or a map, all in the long form. */
function entriesOf(metrics: Metrics): { entry: MetricEntry; at: KeyPath }[] {
  const path = ['analysis', 'metrics']
  if (isList(metrics)) {
    return metrics.map((given, index) => ({
      entry: typeof given === 'string' ? { name: given } : given,
      at: [...path, index],
    }))
  }
  return Object.entries(metrics).map(([name, given]) => ({ entry: { ...given, name }, at: [...path, name] }))
}

function isList(metrics: Metrics): metrics is readonly (string | MetricEntry)[] & Metrics {
  return Array.isArray(metrics)
}

/** Most files name no source: then the local router counts, and there is nothing to resolve. */
async function sourcesOf(
  analysis: AnalysisEntry,
  counted: readonly CountedMetric[],
  variables: Variables,
  beneath: Beneath,
): Promise<ResolvedSources> {
  const { source = 'local', sources } = analysis
  if (source === 'local' && sources === undefined && counted.every(({ entry }) => isPlain(entry))) {
    const metrics = counted.map(({ name }) => name)
    return { sources: [{ name: 'local', kind: 'local', metrics }], queries: new Map(), problems: [] }
  }
  const { resolveSources } = await import('../sources/resolve-sources.js')
  return resolveSources(analysis, counted, variables, beneath)
}

/** What `plain-analysis-schema.ts` knows of a metric. */
const PLAIN_KEYS = ['name', 'kind', 'percentile', 'tolerate', 'tolerate-points', 'tolerate-duration', 'limit']

function isPlain(entry: MetricEntry): boolean {
  const kinds: readonly unknown[] = [undefined, 'share', 'latency']
  return kinds.includes(entry.kind) && Object.keys(entry).every((key) => PLAIN_KEYS.includes(key))
}

/** The local router is asked over a socket; others have counts every 10 s at best, and many who ask. */
function usualTimes(sources: readonly SourceConfig[]): UsualTimes {
  return sources.every(({ kind }) => kind === 'local')
    ? { intervalMs: 1_000, outageMs: 0 }
    : { intervalMs: 5_000, outageMs: 10_000 }
}

interface UsualTimes {
  readonly intervalMs: number
  /** A rehearsal of seconds on one machine must still find a bad release. */
  readonly outageMs: number
}

function policyOf(
  analysis: AnalysisEntry,
  rules: readonly MetricRule[],
  queries: AnalysisPolicy['queries'],
  steps: readonly PlanStep[],
  usual: UsualTimes,
): AnalysisPolicy {
  const noDataTimeoutMs = analysis['no-data-timeout']
  const maxHoldFactor = analysis['max-hold'] ?? 3
  return {
    queries,
    parameters: parametersOf(analysis, rules, steps, maxHoldFactor, usual.outageMs),
    intervalMs: analysis.interval ?? usual.intervalMs,
    maxHoldFactor,
    onInconclusive: analysis['on-inconclusive'] ?? 'back',
    historyMs: analysis.history ?? 600_000,
    earlyPass: analysis['early-pass'] ?? false,
    ...(noDataTimeoutMs !== undefined && { noDataTimeoutMs }),
  }
}

function parametersOf(
  analysis: AnalysisEntry,
  rules: readonly MetricRule[],
  steps: readonly PlanStep[],
  maxHoldFactor: number,
  usualOutageMs: number,
): AnalysisPolicy['parameters'] {
  const margin = analysis['pass-margin'] ?? {}
  const longestHoldMs = Math.max(0, ...steps.filter((step) => step.analyze).map(({ holdMs }) => holdMs))
  const proof: Pick<JudgeParameters, 'require'> = analysis.require === 'proof' ? { require: 'proof' } : {}
  return {
    rules,
    minSamples: analysis['min-samples'] ?? 100,
    alpha: analysis.alpha ?? 0.05,
    passMargin: { ratio: margin.ratio ?? 2, share: margin.points ?? 0.005 },
    ...proof,
    ...(analysis.score !== undefined && { score: scoreOf(analysis.score) }),
    outageMs: analysis['tolerate-outage'] ?? usualOutageMs,
    // Where the plan holds nothing, the judge's own default holds: the workflow says how long.
    ...(longestHoldMs > 0 && { longestHoldMs: longestHoldMs * maxHoldFactor }),
  }
}
