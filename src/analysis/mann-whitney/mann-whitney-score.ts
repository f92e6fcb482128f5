import type { MetricJudgement, MetricRule, ScoreRule, Verdict } from '../../rollout/ports/judge.js'

/** What a release's Mann-Whitney metrics say together. */
export interface ScoreJudgement {
  /** 0 to 100; undefined where a group has no data, or nothing is scored. */
  readonly score: number | undefined
  readonly verdict: Verdict
  /** One sentence. */
  readonly reason: string
}

/**
 * The score of all metrics with `method: mann-whitney`: in each group the share of metrics that are not harmed, in percent, weighed
 * by group. Metrics without data are left out; a group without any leaves no score. A failure of a critical metric, or a score
 * below `marginal`, fails at once; a pass needs `pass` and the end of the hold.
 */
export function judgeScore(
  rules: readonly MetricRule[],
  judgements: readonly MetricJudgement[],
  rule: ScoreRule,
  holdOver: boolean,
): ScoreJudgement {
  const metrics = scoredMetrics(rules, judgements)
  const critical = metrics.find((metric) => metric.critical && metric.harmed)
  if (critical !== undefined)
    return {
      score: 0,
      verdict: 'fail',
      reason: `${critical.name} is critical and is worse than stable${harmText(metrics)}`,
    }
  const groups = groupsOf(metrics, rule)
  const silent = groups.find(({ part }) => part === undefined)
  if (groups.length === 0 || silent !== undefined) {
    const reason = silent === undefined ? 'no metric is scored' : `no data in ${silent.title}`
    return { score: undefined, verdict: 'inconclusive', reason: `there is no score: ${reason}` }
  }
  const weights = groups.reduce((sum, { weight }) => sum + weight, 0)
  const score = groups.reduce((sum, { part = 0, weight }) => sum + 100 * part * weight, 0) / weights
  const { verdict, reason } = verdictOn(score, rule, holdOver)
  return { score, verdict, reason: verdict === 'pass' ? reason : `${reason}${harmText(metrics)}` }
}

/** Which metrics speak against the candidate, with their figures. */
function harmText(metrics: readonly ScoredMetric[]): string {
  const reasons = metrics.filter(({ harmed }) => harmed).map(({ reason }) => reason)
  return reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
}

interface ScoredMetric {
  readonly name: string
  readonly group: string
  readonly critical: boolean
  readonly harmed: boolean
  /** Its own sentence, with its name. */
  readonly reason: string
  readonly hasData: boolean
}

function scoredMetrics(
  rules: readonly MetricRule[],
  judgements: readonly MetricJudgement[],
): readonly ScoredMetric[] {
  return rules
    .filter(({ method }) => method === 'mann-whitney')
    .map(({ name, mannWhitney = {} }) => {
      const judged = judgements.find((judgement) => judgement.name === name)
      return {
        name,
        group: mannWhitney.group ?? '',
        critical: mannWhitney.critical ?? false,
        harmed: judged?.verdict === 'fail',
        reason: judged?.reason ?? name,
        hasData: judged?.classification !== undefined && judged.classification !== 'no-data',
      }
    })
}

interface Group {
  readonly title: string
  readonly weight: number
  /** Which part of its metrics is not harmed; undefined where none has data. */
  readonly part: number | undefined
}

/** Groups whose weight is not named share what the others leave of 100. */
function groupsOf(metrics: readonly ScoredMetric[], { groupWeights = {} }: ScoreRule): readonly Group[] {
  const names = [...new Set(metrics.map(({ group }) => group))]
  const named = names.filter((name) => groupWeights[name] !== undefined)
  const left = 100 - named.reduce((sum, name) => sum + (groupWeights[name] ?? 0), 0)
  const each = Math.max(0, left) / Math.max(1, names.length - named.length)
  return names
    .map((name) => {
      const withData = metrics.filter(({ group, hasData }) => group === name && hasData)
      return {
        title: name === '' ? 'the metrics without a group' : `group ${name}`,
        weight: groupWeights[name] ?? each,
        part:
          withData.length === 0
            ? undefined
            : withData.filter(({ harmed }) => !harmed).length / withData.length,
      }
    })
    .filter(({ weight }) => weight > 0)
}

function verdictOn(
  score: number,
  { marginal, pass }: ScoreRule,
  holdOver: boolean,
): { readonly verdict: Verdict; readonly reason: string } {
  const text = `the score is ${Number(score.toFixed(1))} of 100`
  if (score < marginal) return { verdict: 'fail', reason: `${text}, below ${marginal}` }
  if (score < pass) return { verdict: 'inconclusive', reason: `${text}; ${pass} are needed` }
  return { verdict: holdOver ? 'pass' : 'inconclusive', reason: `${text}; ${pass} are enough` }
}
