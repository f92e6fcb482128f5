import type { Judgement, MetricJudgement, Verdict } from '../rollout/ports/judge.js'
import type { ScoreJudgement } from './mann-whitney/mann-whitney-score.js'

/** How the hold stands, and what metrics that are scored say together: then none of them speaks for itself. */
interface Circumstances {
  readonly holdOver: boolean
  readonly early: boolean
  readonly joint?: ScoreJudgement | undefined
}

/** The verdict of all metrics together: one failure fails, and a pass needs all. */
export function summaryOf(
  metrics: readonly MetricJudgement[],
  { holdOver, early, joint }: Circumstances,
): Judgement {
  const alone = metrics.filter((metric) => !isDry(metric) && (joint === undefined || !isScored(metric)))
  const voices: readonly Pick<Judgement, 'verdict' | 'reason'>[] =
    joint === undefined ? alone : [...alone, joint]
  const of = (verdict: Verdict) => voices.filter((voice) => voice.verdict === verdict)
  const reasons = (some: readonly Pick<Judgement, 'reason'>[]) => some.map(({ reason }) => reason).join('; ')
  if (of('fail').length > 0) return { verdict: 'fail', reason: reasons(of('fail')), metrics }
  if (metrics.length === 0) return { verdict: 'inconclusive', reason: 'no metric is configured', metrics }
  if (of('inconclusive').length > 0) {
    return { verdict: 'inconclusive', reason: reasons(of('inconclusive')), metrics }
  }
  const reason = reasons(joint === undefined ? metrics : voices)
  if (!holdOver && !early) return { verdict: 'inconclusive', reason, metrics }
  return { verdict: 'pass', reason, metrics, ...(early && { early }) }
}

/** Only Mann-Whitney's test classifies. */
function isScored(metric: MetricJudgement): boolean {
  return metric.classification !== undefined
}

/** What is only reported decides nothing. */
function isDry(metric: MetricJudgement): boolean {
  return metric.dryRun === true
}
