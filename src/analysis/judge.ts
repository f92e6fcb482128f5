import type {
  Block,
  Judge,
  Judgement,
  JudgeParameters,
  MetricJudgement,
  MetricRule,
  Verdict,
} from '../rollout/ports/judge.js'
import { countText, toleranceText, totalText, valueText } from './figures-in-words.js'
import { evidenceOf, type Evidence } from './metric-evidence.js'
import { totalsOf, type Totals } from './totals.js'

/**
 * The chance that a release which is no worse than tolerated is ever failed, for all metrics, all looks and the whole
 * rollout together. The guards make it far smaller.
 */
export const ALPHA = 0.05

/**
 * Judges a candidate by error shares and latencies against stable, with evidence that may be looked at at any time. It
 * fails as soon as a regression is certain, passes only when the hold is over and enough was seen, and takes missing
 * data for neither.
 */
export const judge: Judge = (parameters, blocks) => {
  const segment = currentSegment(blocks)
  const tests = parameters.rules.reduce((count, rule) => count + (rule.limit === undefined ? 1 : 2), 0)
  const threshold = Math.log(Math.max(1, tests) / ALPHA)
  const metrics = parameters.rules.map((rule) => judgeMetric(rule, parameters, blocks, segment, threshold))
  return summary(metrics, parameters)
}

/** The blocks since the weight last changed: what the present hold has seen. */
function currentSegment(blocks: readonly Block[]): readonly Block[] {
  const weight = blocks.at(-1)?.weight
  const before = blocks.findLastIndex((block) => block.weight !== weight)
  return blocks.slice(before + 1)
}

function judgeMetric(
  rule: MetricRule,
  parameters: JudgeParameters,
  blocks: readonly Block[],
  segment: readonly Block[],
  threshold: number,
): MetricJudgement {
  const totals = totalsOf(rule, segment)
  const { verdict, reason } = findingOf(
    rule,
    parameters,
    evidenceOf(rule, blocks),
    totals,
    segment,
    threshold,
  )
  const none = { requests: 0, value: undefined }
  return {
    name: rule.name,
    verdict,
    reason: `${rule.name}: ${reason}`,
    stable: totals.stable ?? none,
    candidate: totals.candidate ?? none,
    unit: rule.kind === 'share' ? 'share' : 'ms',
  }
}

interface Finding {
  readonly verdict: Verdict
  readonly reason: string
}

function findingOf(
  rule: MetricRule,
  parameters: JudgeParameters,
  evidence: Evidence,
  totals: Totals,
  segment: readonly Block[],
  threshold: number,
): Finding {
  const both = comparison(rule, totals)
  if (evidence.overLimit !== undefined && evidence.overLimit >= threshold) {
    return {
      verdict: 'fail',
      reason: `${totalText(rule, totals.candidate)} at the candidate; the limit is ${valueText(rule.kind, rule.limit)}`,
    }
  }
  if (evidence.worse >= threshold) {
    return { verdict: 'fail', reason: `${both}; tolerated: ${toleranceText(rule)}` }
  }
  const lacking = lackOf(rule, parameters, totals, segment)
  if (lacking !== undefined) return { verdict: 'inconclusive', reason: lacking }
  if (!parameters.holdOver) return { verdict: 'inconclusive', reason: `${both}; no harm shown so far` }
  if (totals.stable === undefined) return { verdict: 'pass', reason: `${both}; ${alone(rule)}` }
  return { verdict: 'pass', reason: `${both}; no harm shown` }
}

function comparison(rule: MetricRule, { stable, candidate }: Totals): string {
  const ofCandidate = `${totalText(rule, candidate)} at the candidate`
  return stable === undefined ? ofCandidate : `${ofCandidate}, ${totalText(rule, stable)} at stable`
}

function alone(rule: MetricRule): string {
  return rule.limit === undefined
    ? 'there is no stable release to compare with, and no limit is configured'
    : `there is no stable release to compare with; the limit is ${valueText(rule.kind, rule.limit)}`
}

/** Why what was seen does not suffice, if it does not. */
function lackOf(
  rule: MetricRule,
  { minSamples, holdOver }: JudgeParameters,
  totals: Totals,
  segment: readonly Block[],
): string | undefined {
  const { stable, candidate } = totals
  if (candidate === undefined) return 'no data of the candidate'
  if (candidate.requests < Math.max(1, minSamples)) return tooFew(candidate.requests, minSamples, segment)
  if (stable?.requests === 0) return 'no requests at stable to compare with'
  const { value } = candidate
  if (holdOver && rule.limit !== undefined && value !== undefined && value > rule.limit) {
    return `${totalText(rule, candidate)} at the candidate, above the limit of ${valueText(rule.kind, rule.limit)}, but too few to be sure`
  }
  return undefined
}

/** `42 of 100 requests …`, and how long it would take at this traffic. */
function tooFew(requests: number, minSamples: number, segment: readonly Block[]): string {
  const had = `${countText(requests)} of the ${countText(minSamples)} requests at the candidate that a verdict needs`
  const first = segment[0]
  const last = segment.at(-1)
  const seconds = first === undefined || last === undefined ? 0 : (last.toMs - first.fromMs) / 1000
  if (requests === 0 || !(seconds > 0)) return had
  const left = Math.ceil(((minSamples - requests) * seconds) / requests)
  return `${had}; at this traffic and weight it takes ${countText(left)} s more`
}

function summary(metrics: readonly MetricJudgement[], { holdOver }: JudgeParameters): Judgement {
  const of = (verdict: Verdict) => metrics.filter((metric) => metric.verdict === verdict)
  const reasons = (some: readonly MetricJudgement[]) => some.map(({ reason }) => reason).join('; ')
  if (of('fail').length > 0) return { verdict: 'fail', reason: reasons(of('fail')), metrics }
  if (metrics.length === 0) return { verdict: 'inconclusive', reason: 'no metric is configured', metrics }
  if (holdOver && of('inconclusive').length === 0)
    return { verdict: 'pass', reason: reasons(metrics), metrics }
  return { verdict: 'inconclusive', reason: reasons(of('inconclusive')), metrics }
}
