import type {
  Block,
  JudgeParameters,
  MetricJudgement,
  MetricRule,
  ThresholdRule,
  Verdict,
} from '../rollout/ports/judge.js'
import { countText, valueText } from './figures-in-words.js'
import {
  blocksAtThisWeight,
  bothSides,
  measurementsOf,
  type BothSides,
  type Measurement,
} from './measurements.js'
import { metricJudgement } from './method-judgement.js'
import { SideSoFar } from './side-so-far.js'

/**
 * `method: threshold`: each measurement of the candidate is held against `limit` (its unit is that of the metric), and more
 * of them beyond it than allowed are a failure, at once. It looks at the candidate alone. A measurement without data is neither
 * good nor bad; too many of them in a row keep it from passing. Never throws.
 */
export function judgeThreshold(
  rule: MetricRule,
  blocks: readonly Block[],
  parameters: JudgeParameters,
): MetricJudgement {
  const { dryRun = false, ...threshold } = rule.threshold ?? {}
  const measurements = measurementsOf(rule, blocks, threshold)
  const here = blocksAtThisWeight(blocks)
  const totals = bothSides(rule, here)
  const finding =
    rule.limit === undefined
      ? inconclusive('no limit is configured: nothing can be judged')
      : (failureOf(rule, rule.limit, threshold, measurements) ??
        lackOf(rule, threshold, measurements, here, totals, parameters) ??
        standing(
          rule,
          rule.limit,
          measurements,
          parameters.holdOver || enough(threshold, measurements, here),
        ))
  const judged = metricJudgement(rule, totals, finding)
  return dryRun ? { ...judged, dryRun, reason: `${judged.reason} (dry run: only reported)` } : judged
}

interface Finding {
  readonly verdict: Verdict
  readonly reason: string
}

const inconclusive = (reason: string): Finding => ({ verdict: 'inconclusive', reason })

/** More measurements beyond the limit than are allowed, in all or in a row. Those without data lengthen no row and break none. */
function failureOf(
  rule: MetricRule,
  limit: number,
  threshold: ThresholdRule,
  measurements: readonly Measurement[],
): Finding | undefined {
  const { consecutiveLimit } = threshold
  const failureLimit = threshold.failureLimit ?? (consecutiveLimit === undefined ? 0 : Infinity)
  let [bad, row, longestRow] = [0, 0, 0]
  for (const { candidate } of measurements) {
    if (candidate?.value === undefined) continue
    const beyond = isBeyond(rule, limit, candidate.value)
    bad += beyond ? 1 : 0
    row = beyond ? row + 1 : 0
    longestRow = Math.max(longestRow, row)
  }
  if (bad > failureLimit)
    return tooMany(rule, measurements, `${bad} of ${withData(measurements)}`, failureLimit)
  if (consecutiveLimit === undefined || longestRow <= consecutiveLimit) return undefined
  return tooMany(rule, measurements, `${longestRow} in a row of ${withData(measurements)}`, consecutiveLimit)
}

function tooMany(
  rule: MetricRule,
  measurements: readonly Measurement[],
  how: string,
  allowed: number,
): Finding {
  const values = measurements.flatMap(({ candidate }) => candidate?.value ?? [])
  const worst = rule.worse === 'lower' ? Math.min(...values) : Math.max(...values)
  return {
    verdict: 'fail',
    reason: `${how} measurements ${beyondText(rule)}, ${countText(allowed)} allowed; the worst was ${valueText(rule.kind, worst)}`,
  }
}

/** Why what was measured does not suffice for a pass, if it does not. */
function lackOf(
  rule: MetricRule,
  { consecutiveErrorLimit }: ThresholdRule,
  measurements: readonly Measurement[],
  here: readonly Block[],
  totals: BothSides,
  { minSamples }: JudgeParameters,
): Finding | undefined {
  if (measuredHere(measurements, here) === 0) return inconclusive('no data of the candidate')
  const silentMs = silenceAtTheEnd(rule, here)
  if (silentMs !== undefined)
    return inconclusive(`no data of the candidate for the last ${countText(Math.round(silentMs / 1000))} s`)
  const errors =
    measurements.length - 1 - measurements.findLastIndex(({ candidate }) => candidate?.value !== undefined)
  if (consecutiveErrorLimit !== undefined && errors > consecutiveErrorLimit)
    return inconclusive(
      `no data in ${countText(errors)} measurements in a row, ${countText(consecutiveErrorLimit)} allowed`,
    )
  const seen = totals.candidate?.count ?? 0
  if (rule.kind === 'scalar' || seen >= minSamples) return undefined
  return inconclusive(
    `${countText(seen)} of the ${countText(minSamples)} requests at the candidate that a verdict needs`,
  )
}

function standing(
  rule: MetricRule,
  limit: number,
  measurements: readonly Measurement[],
  done: boolean,
): Finding {
  const values = measurements.flatMap(({ candidate }) => candidate?.value ?? [])
  const bad = values.filter((value) => isBeyond(rule, limit, value)).length
  const last = valueText(rule.kind, values.at(-1))
  const reason = `${countText(bad)} of ${countText(values.length)} measurements ${beyondText(rule)}; the last was ${last}`
  return { verdict: done ? 'pass' : 'inconclusive', reason: done ? reason : `${reason}; not enough so far` }
}

/** Whether `count` measurements at this weight are there, which is a pass before the hold is over. */
function enough(
  { count }: ThresholdRule,
  measurements: readonly Measurement[],
  here: readonly Block[],
): boolean {
  return count !== undefined && measuredHere(measurements, here) >= count
}

function measuredHere(measurements: readonly Measurement[], here: readonly Block[]): number {
  const fromMs = here[0]?.fromMs ?? Infinity
  return withData(measurements.filter(({ toMs }) => toMs > fromMs))
}

function silenceAtTheEnd(rule: MetricRule, here: readonly Block[]): number | undefined {
  const candidate = new SideSoFar()
  for (const block of here)
    candidate.add(bothSides(rule, [block]).candidate?.count, Math.max(0, block.toMs - block.fromMs))
  return candidate.missingMs
}

function withData(measurements: readonly Measurement[]): number {
  return measurements.filter(({ candidate }) => candidate?.value !== undefined).length
}

function isBeyond(rule: MetricRule, limit: number, value: number): boolean {
  return rule.worse === 'lower' ? value < limit : value > limit
}

/** `above the limit of 1 %` */
function beyondText(rule: MetricRule): string {
  return `${rule.worse === 'lower' ? 'below' : 'above'} the limit of ${valueText(rule.kind, rule.limit)}`
}
