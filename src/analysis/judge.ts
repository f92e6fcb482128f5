import type {
  Bake,
  Block,
  Judge,
  Judgement,
  JudgeParameters,
  MetricJudgement,
  MetricRule,
} from '../rollout/ports/judge.js'
import { alphaOf } from './e-value/alpha.js'
import { LatencyMetric } from './latency/latency-metric.js'
import { judgeScore } from './mann-whitney/mann-whitney-score.js'
import { judgeMannWhitney } from './mann-whitney/mann-whitney.js'
import { marginOf } from './margin.js'
import { MeanMetric } from './means/mean-metric.js'
import type { MetricBake } from './metric-bake.js'
import { OtherMethod } from './other-method.js'
import { startsWithin } from './e-value/sequential-evidence.js'
import { SequentialMetric, type Terms } from './sequential-metric.js'
import { ShareMetric } from './shares/share-metric.js'
import { summaryOf } from './summary.js'
import { judgeThreshold } from './threshold.js'
import { UnjudgedScalar } from './unjudged-scalar.js'

export { ALPHA } from './e-value/alpha.js'

/** The longest hold that is planned where nothing is said of it, in milliseconds. */
const LONGEST_HOLD_MS = 1_800_000

/** The longest outage of the candidate that must not decide where nothing is said of it, in milliseconds. */
const OUTAGE_MS = 10_000

/**
 * Begins an analysis that judges a candidate against stable by evidence which may be looked at at any time: it fails as soon as a regression
 * is certain, passes when the hold is over (or every metric is proven harmless) and enough was seen, and takes missing
 * data for neither. A block and a look cost the same however many blocks there were, except for metrics with another method: these keep
 * their counts and judge all of them at each look.
 */
export const judge: Judge = (parameters) => {
  return new WholeBake(parameters)
}

/**
 * The judge as one pure function: all blocks, oldest first, to a verdict with its evidence. The same parameters and blocks
 * give the same judgement anywhere; it never throws for counts, and what can be no counts is no data.
 */
export function judgeBlocks(parameters: JudgeParameters, blocks: Iterable<Block>): Judgement {
  const bake = judge(parameters)
  for (const block of blocks) bake.add(block)
  return bake.judgement(parameters.holdOver)
}

class WholeBake implements Bake {
  readonly #parameters: Omit<JudgeParameters, 'holdOver'>
  readonly #metrics: readonly MetricBake[]
  /** Those that are not only reported. */
  readonly #deciding: readonly MetricBake[]

  constructor(parameters: Omit<JudgeParameters, 'holdOver'>) {
    const { rules } = parameters
    this.#parameters = parameters
    this.#metrics = rules.map((rule) => bakeOf(rule, parameters))
    this.#deciding = this.#metrics.filter((_, index) => rules[index]?.threshold?.dryRun !== true)
  }

  add(block: Block): void {
    for (const metric of this.#metrics) metric.add(block)
  }

  judgement(holdOver: boolean): Judgement {
    const deciding = this.#deciding
    const early = !holdOver && deciding.length > 0 && deciding.every((metric) => metric.mayEndEarly)
    const metrics = this.#metrics.map((metric): MetricJudgement => metric.judgement(holdOver, early))
    const { rules, score } = this.#parameters
    const joint = score === undefined ? undefined : judgeScore(rules, metrics, score, holdOver)
    return summaryOf(metrics, { holdOver, early, joint })
  }
}

function bakeOf(rule: MetricRule, parameters: Omit<JudgeParameters, 'holdOver'>): MetricBake {
  switch (rule.method ?? 'sequential') {
    case 'threshold':
      return new OtherMethod(rule, parameters, judgeThreshold)
    case 'mann-whitney':
      return new OtherMethod(rule, parameters, judgeMannWhitney)
    case 'sequential':
      return byEvidence(rule, parameters)
  }
}

function byEvidence(rule: MetricRule, parameters: Omit<JudgeParameters, 'holdOver'>): MetricBake {
  const { longestHoldMs = LONGEST_HOLD_MS, outageMs = OUTAGE_MS } = parameters
  const terms: Terms = {
    minSamples: parameters.minSamples,
    requireProof: parameters.require === 'proof',
    margin: marginOf(parameters.passMargin),
    alpha: alphaOf(rule, parameters.rules, parameters.alpha),
    starts: startsWithin(Number.isFinite(longestHoldMs) ? longestHoldMs : LONGEST_HOLD_MS, outageMs),
  }
  switch (rule.kind) {
    case 'share':
      return new SequentialMetric(rule, terms, new ShareMetric(rule, terms))
    case 'latency':
      return new SequentialMetric(rule, terms, new LatencyMetric(rule, terms))
    case 'mean':
      return new SequentialMetric(rule, terms, new MeanMetric(rule, terms))
    case 'scalar':
      return new UnjudgedScalar(rule)
  }
}
