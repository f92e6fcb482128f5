import { nearest } from '../../rollout/nearest.js'
import type { MetricRule, ScoreRule } from '../../rollout/ports/judge.js'
import type { AnalysisEntry } from './analysis-schema.js'
import type { Problem } from '../problem.js'

type ScoreEntry = NonNullable<AnalysisEntry['score']>

const AT = ['analysis', 'score']

/** How the metrics with `method: mann-whitney` decide together. */
export function scoreOf({ marginal, pass, groups }: ScoreEntry): ScoreRule {
  if (groups === undefined) return { marginal, pass }
  const weights = Object.entries(groups).map(([name, part]) => [name, part * 100] as const)
  return { marginal, pass, groupWeights: Object.fromEntries(weights) }
}

/** A score of nothing, groups without metrics, and groups that make up more than the whole. */
export function scoreProblems(
  score: ScoreEntry | undefined,
  rules: readonly MetricRule[],
): readonly Problem[] {
  if (score === undefined) return []
  const scored = rules.filter(({ method }) => method === 'mann-whitney')
  if (scored.length === 0) {
    const message = 'is of metrics with method: mann-whitney, and there is none'
    return [{ path: AT, mark: 'key', message }]
  }
  const known = [...new Set(scored.flatMap(({ mannWhitney }) => mannWhitney?.group ?? []))]
  const groups = Object.entries(score.groups ?? {})
  const unknown = groups.filter(([name]) => !known.includes(name))
  const problems = unknown.map(([name]): Problem => {
    const near = nearest(name, known)
    const meant = near === undefined ? '' : `; did you mean ${near}?`
    const message = `no metric says mann-whitney: { group: ${name} }${meant}`
    return { path: [...AT, 'groups', name], mark: 'key', message }
  })
  const sum = groups.reduce((total, [, part]) => total + part, 0)
  if (sum <= 1 + 1e-9) return problems
  const message = `the groups make up ${Math.round(sum * 100)} % of the score; allowed: 100 % at most`
  return [...problems, { path: [...AT, 'groups'], mark: 'value', message }]
}
