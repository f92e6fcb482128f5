import type { MetricJudgement, MetricRule, Verdict } from '../rollout/ports/judge.js'
import type { MeasuredValue } from './measured-value.js'
import type { BothSides } from './measurements.js'

/** A judgement by another method than evidence: what both sides showed, and the finding with the metric's name before it. */
export function metricJudgement(
  rule: MetricRule,
  both: BothSides,
  finding: { readonly verdict: Verdict; readonly reason: string },
): MetricJudgement {
  const figures = (side: MeasuredValue | undefined) => ({ requests: side?.count ?? 0, value: side?.value })
  return {
    name: rule.name,
    verdict: finding.verdict,
    reason: `${rule.name}: ${finding.reason}`,
    stable: figures(both.stable),
    candidate: figures(both.candidate),
    unit: rule.kind === 'share' ? 'share' : rule.kind === 'latency' ? 'ms' : 'value',
  }
}
