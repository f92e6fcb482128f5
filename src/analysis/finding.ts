import type { MetricRule, Verdict } from '../rollout/ports/judge.js'
import { countText, marginText, toleranceText, totalText, valueText } from './figures-in-words.js'
import type { HoldSoFar } from './hold-so-far.js'
import type { Margin } from './margin.js'
import type { Sample } from '../rollout/ports/metric-source.js'
import type { MetricTest } from './metric-test.js'
import { tooFewText } from './too-few.js'
import { unweighed } from './unweighed.js'

/** What a metric's verdict is made of. */
export interface Standing {
  readonly rule: MetricRule
  readonly holdOver: boolean
  /** All metrics are proven to stay below the margin. */
  readonly early: boolean
  readonly minSamples: number
  readonly requireProof: boolean
  readonly margin: Margin
  /** ln of the evidence that suffices to fail. */
  readonly needed: number
  /** The longest outage that must not decide, in milliseconds. */
  readonly outageMs: number
  /** What was weighed so far, and what both sides did at this weight. */
  readonly test: Pick<
    MetricTest<Sample>,
    'worse' | 'overLimit' | 'recent' | 'weighed' | 'proven' | 'hasRecord' | 'stable' | 'candidate' | 'boundMs'
  >
  readonly hold: Pick<HoldSoFar, 'weight' | 'holdMs' | 'blockMs' | 'missingMs'>
  readonly stillAllowed: string | undefined
  /** Whether what is still allowed is beyond the margin. */
  readonly beyondMargin: boolean
}

export interface Finding {
  readonly verdict: Verdict
  /** One sentence with numbers and units. */
  readonly reason: string
  /** A pass although the data still allow more than the margin: no harm was shown, and little was ruled out. */
  readonly littleKnown?: boolean
}

/** The verdict of one metric: harm first, then what is lacking, then whether the hold is over. */
export function findingOf(standing: Standing): Finding {
  const { rule, needed } = standing
  const { worse, overLimit, candidate } = standing.test
  const both = comparison(standing)
  if (overLimit !== undefined && overLimit >= needed) {
    return {
      verdict: 'fail',
      reason: `${totalText(rule, candidate)} at the candidate; the limit is ${valueText(rule.kind, rule.limit)}`,
    }
  }
  if (worse >= needed) return { verdict: 'fail', reason: `${both}; tolerated: ${toleranceText(rule)}` }
  const lacking = lackOf(standing)
  if (lacking !== undefined) return { verdict: 'inconclusive', reason: lacking }
  if (standing.early) return { verdict: 'pass', reason: `${both}; ${provenText(standing)}` }
  if (!standing.holdOver) return { verdict: 'inconclusive', reason: `${both}; no harm shown so far` }
  return atTheEnd(standing, both)
}

function atTheEnd(standing: Standing, both: string): Finding {
  const { rule, requireProof, stillAllowed, beyondMargin } = standing
  if (standing.test.proven) {
    // A latency is proven by whole buckets, and its interval ends at other ones: two bounds in one sentence would contradict each other.
    const allowed = rule.kind === 'latency' ? '' : allowedText(stillAllowed)
    return { verdict: 'pass', reason: `${both}; ${provenText(standing)}${allowed}` }
  }
  if (requireProof) {
    const margin = marginText(rule, standing.margin, standing.test.boundMs)
    return {
      verdict: 'inconclusive',
      reason: `${both}; no harm shown, but not proven to stay ${margin}${allowedText(stillAllowed)}`,
    }
  }
  const alone = standing.test.stable === undefined ? `; ${aloneText(standing)}` : ''
  if (beyondMargin) {
    const little = `no harm shown, but little is known: the data still allow ${stillAllowed ?? 'any regression'}`
    return { verdict: 'pass', reason: `${both}${alone}; ${little}`, littleKnown: true }
  }
  return { verdict: 'pass', reason: `${both}${alone}; no harm shown${allowedText(stillAllowed)}` }
}

/** Before the hold may end early: nothing leans against the candidate. */
export function isHarmlessSoFar({ test, needed, rule }: Standing): boolean {
  const { worse, overLimit, recent, candidate } = test
  const isOver = rule.limit !== undefined && beyond(rule, candidate?.value)
  return !isOver && recent < needed && Math.max(worse, overLimit ?? -Infinity) < Math.LN2
}

/** Why what was seen does not suffice, if it does not. */
export function lackOf(standing: Standing): string | undefined {
  const { rule, minSamples, hold, holdOver } = standing
  const { stable, candidate, hasRecord } = standing.test
  if (candidate === undefined) return 'no data of the candidate'
  if (candidate.requests < Math.max(1, minSamples))
    return tooFewText(rule, candidate.requests, stable, Math.max(1, minSamples), hold)
  if (hold.missingMs.candidate !== undefined) return silentText('the candidate', hold.missingMs.candidate)
  const isAlone = stable === undefined && (hold.weight ?? 0) >= 100
  if (stable === undefined && !isAlone && (hasRecord || rule.limit === undefined)) {
    return 'no data of stable to compare with'
  }
  if (stable?.requests === 0) return 'no requests at stable to compare with'
  if (stable !== undefined && (hold.weight ?? 0) < 100 && hold.missingMs.stable !== undefined) {
    return silentText('stable', hold.missingMs.stable)
  }
  if (holdOver && beyond(rule, candidate.value)) {
    return `${totalText(rule, candidate)} at the candidate, above the limit of ${valueText(rule.kind, rule.limit)}, but too few to be sure`
  }
  return holdOver ? unweighed(standing, isAlone) : undefined
}

function silentText(who: string, ms: number): string {
  return `no data of ${who} for the last ${countText(Math.round(ms / 1000))} s`
}

function beyond({ kind, limit, worse }: MetricRule, value: number | undefined): boolean {
  if (limit === undefined || value === undefined) return false
  return kind === 'mean' && worse === 'lower' ? value < limit : value > limit
}

function comparison({ rule, test: { stable, candidate } }: Standing): string {
  const ofCandidate = `${totalText(rule, candidate)} at the candidate`
  return stable === undefined ? ofCandidate : `${ofCandidate}, ${totalText(rule, stable)} at stable`
}

function provenText({ rule, margin, test }: Standing): string {
  return `proven to stay ${marginText(rule, margin, test.boundMs)}`
}

function allowedText(stillAllowed: string | undefined): string {
  return stillAllowed === undefined ? '' : `; the data still allow ${stillAllowed}`
}

/** Without a record there is a limit, or nothing could have been weighed. */
function aloneText({ rule, test: { hasRecord } }: Standing): string {
  const none = `there is no stable release to compare with${hasRecord ? ' but its record' : ''}`
  return rule.limit === undefined ? none : `${none}; the limit is ${valueText(rule.kind, rule.limit)}`
}
