import type { Judgement, MetricJudgement, Verdict } from '../rollout/ports/judge.js'

/** The verdict of all metrics together: one failure fails, and a pass needs all. */
export function summaryOf(
  metrics: readonly MetricJudgement[],
  { holdOver, early }: { readonly holdOver: boolean; readonly early: boolean },
): Judgement {
  const of = (verdict: Verdict) => metrics.filter((metric) => metric.verdict === verdict && !isDry(metric))
  const reasons = (some: readonly MetricJudgement[]) => some.map(({ reason }) => reason).join('; ')
  if (of('fail').length > 0) return { verdict: 'fail', reason: reasons(of('fail')), metrics }
  if (metrics.length === 0) return { verdict: 'inconclusive', reason: 'no metric is configured', metrics }
  if (of('inconclusive').length > 0) {
    return { verdict: 'inconclusive', reason: reasons(of('inconclusive')), metrics }
  }
  if (!holdOver && !early) return { verdict: 'inconclusive', reason: reasons(metrics), metrics }
  return { verdict: 'pass', reason: reasons(metrics), metrics, ...(early && { early }) }
}

/** What is only reported decides nothing. */
function isDry(metric: MetricJudgement): boolean {
  return metric.dryRun === true
}
