import type {
  Block,
  JudgeParameters,
  MannWhitneyRule,
  MetricJudgement,
  MetricRule,
  Verdict,
} from '../../rollout/ports/judge.js'
import { countText, numberText, valueText } from '../figures-in-words.js'
import { classify, DEFAULT_CONFIDENCE, type Classified } from './mann-whitney-classification.js'
import { mean } from './mann-whitney-values.js'
import { blocksAtThisWeight, bothSides, measurementsOf, type BothSides } from '../measurements.js'
import { metricJudgement } from '../method-judgement.js'
import { comparableRhythm, oneSided } from './mann-whitney-sides.js'

const MINUTE_MS = 60_000
/** A confidence that takes more values than this of each side is not told in a length. */
const MOST_NEEDED = 100

/**
 * `method: mann-whitney`: one value of each side for each minute, compared by Mann and Whitney's test as Kayenta's judge does,
 * for teams that come from it. Its confidence is meant for one look: who looks often is wrong more often. `limit` is not looked
 * at. Values are in the unit of the metric. Never throws.
 */
export function judgeMannWhitney(
  rule: MetricRule,
  blocks: readonly Block[],
  parameters: JudgeParameters,
): MetricJudgement {
  const settings = rule.mannWhitney ?? {}
  const intervalMs = comparableRhythm(settings.intervalMs ?? MINUTE_MS, blocks)
  const values = measurementsOf(rule, blocks, { intervalMs })
  const classified = classify(
    values.map(({ candidate }) => candidate?.value),
    values.map(({ stable }) => stable?.value),
    settings,
  )
  const here = blocksAtThisWeight(blocks)
  const totals = bothSides(rule, here)
  const found = findingOf(rule, settings, classified, totals, parameters, intervalMs)
  const lacking = found.verdict === 'pass' ? oneSided(rule, values, here) : undefined
  const finding: Finding = lacking === undefined ? found : { verdict: 'inconclusive', reason: lacking }
  const judged = metricJudgement(rule, totals, finding)
  return { ...judged, classification: classified.classification }
}

interface Finding {
  readonly verdict: Verdict
  readonly reason: string
}

function findingOf(
  rule: MetricRule,
  settings: MannWhitneyRule,
  classified: Classified,
  totals: BothSides,
  { minSamples, holdOver }: JudgeParameters,
  intervalMs: number,
): Finding {
  const { classification, candidate, stable } = classified
  if (classification === 'no-data')
    return {
      verdict: 'inconclusive',
      reason: scarcity(candidate.length, stable.length, settings, intervalMs),
    }
  const found = comparisonText(rule, settings, classified)
  if (isHarm(classification, rule, settings)) return { verdict: 'fail', reason: found }
  const seen = totals.candidate?.count ?? 0
  if (seen === 0) return { verdict: 'inconclusive', reason: 'no data of the candidate at this weight' }
  if (rule.kind !== 'scalar' && seen < minSamples) {
    return {
      verdict: 'inconclusive',
      reason: `${countText(seen)} of the ${countText(minSamples)} requests at the candidate that a verdict needs`,
    }
  }
  return holdOver
    ? { verdict: 'pass', reason: found }
    : { verdict: 'inconclusive', reason: `${found}; no harm shown so far` }
}

function isHarm(
  classification: Classified['classification'],
  rule: MetricRule,
  { direction = rule.worse === 'lower' ? 'decrease' : 'increase' }: MannWhitneyRule,
): boolean {
  if (classification === 'high') return direction !== 'decrease'
  return classification === 'low' && direction !== 'increase'
}

function scarcity(
  candidate: number,
  stable: number,
  { confidence = DEFAULT_CONFIDENCE }: MannWhitneyRule,
  intervalMs: number,
): string {
  if (candidate === 0) return 'no data of the candidate'
  if (stable === 0) return 'no data of stable to compare with'
  return `${candidate} values of the candidate and ${stable} of stable are too few to tell them apart with ${percentText(confidence)} confidence${lengthText(confidence, intervalMs)}`
}

/** How many values of each side suffice, if all of one side lie above all of the other: 2 orders of C(2n, n) are as extreme. */
function lengthText(confidence: number, intervalMs: number): string {
  let [orders, fewest] = [1, 0]
  while (fewest < MOST_NEEDED && 2 / orders > 1 - confidence) {
    fewest++
    orders = (orders * 2 * (2 * fewest - 1)) / fewest
  }
  if (fewest === MOST_NEEDED) return ''
  const seconds = numberText(intervalMs / 1_000)
  return `: ${fewest} of each are the fewest, one every ${seconds} s, so hold for ${numberText((fewest * intervalMs) / 1_000)} s or longer beside the lag of the source, or set a shorter interval`
}

const IN_WORDS = {
  high: 'higher than stable',
  low: 'lower than stable',
  same: 'no different from stable',
  'no-data': 'not to be told apart',
} as const

/** `higher than stable: 24 ms against 2 ms in the mean of 5 and 5 values; the shift is 20 ms, 17.8 ms to 27.8 ms with 98 % confidence` */
function comparisonText(rule: MetricRule, settings: MannWhitneyRule, classified: Classified): string {
  const { classification, candidate, stable, shift } = classified
  const text = (value: number | undefined) => valueText(rule.kind, value)
  const confidence = percentText(settings.confidence ?? DEFAULT_CONFIDENCE)
  return [
    `${IN_WORDS[classification]}: ${text(mean(candidate))} against ${text(mean(stable))} in the mean of ${candidate.length} and ${stable.length} values`,
    `the shift is ${text(shift?.estimate)}, ${text(shift?.low)} to ${text(shift?.high)} with ${confidence} confidence`,
  ].join('; ')
}

function percentText(part: number): string {
  return `${Number((100 * part).toPrecision(4))} %`
}
