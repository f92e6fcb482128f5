import type { MetricRule } from '../../rollout/ports/judge.js'
import type { MeanSample, Sample } from '../../rollout/ports/metric-source.js'
import { AgainstStableAndLimit } from '../against-stable-and-limit.js'
import { halfWidth } from './asymptotic-sequence.js'
import { fixedBound, ratioBound } from './mean-bounds.js'
import { MeanComparison, type MeanBound } from './mean-comparison.js'
import { meanOf, NO_VALUES, plus, varianceOf, type MeanSums } from './mean-sums.js'
import { MeanTemper } from './mean-temper.js'
import type { Interval, MetricTest, Setting, Total, Window } from '../metric-test.js'
import type { Regression } from '../regression.js'
import { ONE_START } from '../e-value/sequential-evidence.js'
import { isMean } from '../sound-sample.js'
import { toleranceOf } from '../tolerance.js'

/** Chance of a wrong statement, and of a wrong proof. */
const STATEMENT_ALPHA = 0.05
const ENOUGH_FOR_PROOF = Math.log(1 / STATEMENT_ALPHA)

/** Means (basket value, orders a minute), by the asymptotic confidence sequence; `worse` says which direction is harm. */
export class MeanMetric extends AgainstStableAndLimit implements MetricTest<MeanSample> {
  readonly #worse: 'higher' | 'lower'
  readonly #comparison: MeanComparison
  readonly #limit: MeanComparison | undefined
  readonly #proof: MeanComparison
  readonly #newProof: () => MeanComparison
  #proofHere: MeanComparison
  readonly #temper = new MeanTemper()
  #stable: MeanSums | undefined
  #candidate: MeanSums | undefined

  constructor(rule: MetricRule, { starts, margin, alpha }: Setting) {
    const { worse = 'higher', limit } = rule
    const [harm, harmless] = worse === 'higher' ? ([1, -1] as const) : ([-1, 1] as const)
    const against = (bound: MeanBound) => new MeanComparison(bound, harm, alpha, starts)
    const comparison = against(ratioBound(toleranceOf(rule).ratio, worse))
    const overLimit = limit === undefined ? undefined : against(fixedBound(limit))
    super(comparison, overLimit)
    this.#worse = worse
    this.#comparison = comparison
    this.#limit = overLimit
    const bound = ratioBound(margin.ratio, worse)
    this.#newProof = () => new MeanComparison(bound, harmless, STATEMENT_ALPHA, ONE_START)
    this.#proof = this.#newProof()
    this.#proofHere = this.#newProof()
  }

  isSound(sample: Sample | undefined): sample is MeanSample {
    return isMean(sample)
  }

  learn(stable: MeanSample, fromMs: number): void {
    if (stable.count > 0) this.#temper.add(sumsOf(stable), fromMs)
  }

  weigh({ stable, candidate, alone, ...when }: Window<MeanSample>): void {
    if (candidate !== undefined && candidate.count > 0) {
      const { sums, factor } = this.#temper
      const [one, other] = [sumsOf(candidate), stable === undefined ? NO_VALUES : sumsOf(stable)]
      // Without stable values there is nothing to compare with, except its record where it no longer runs.
      if (other.count > 0 || alone) this.#comparison.add(one, other, sums, alone, factor, when)
      if (other.count > 0)
        for (const proof of [this.#proof, this.#proofHere])
          proof.add(one, other, sums, false, factor, { ...when, observedMs: 0 })
      this.#limit?.add(one, NO_VALUES, NO_VALUES, false, factor, when)
    }
    this.#candidate = summed(this.#candidate, candidate)
    this.#stable = summed(this.#stable, stable)
    if (stable !== undefined) this.learn(stable, when.fromMs)
  }

  newSegment(): void {
    this.#stable = undefined
    this.#candidate = undefined
    this.#proofHere = this.#newProof()
  }

  get proven(): boolean {
    return Math.min(this.#proof.logE, this.#proofHere.logE) >= ENOUGH_FOR_PROOF
  }

  get hasRecord(): boolean {
    return this.#temper.sums.count > 0
  }

  get stable(): Total | undefined {
    return totalOf(this.#stable)
  }

  get candidate(): Total | undefined {
    return totalOf(this.#candidate)
  }

  difference(alpha: number): Interval | undefined {
    const [stable, candidate] = [this.#stable, this.#candidate]
    if (stable === undefined || candidate === undefined) return undefined
    if (stable.count < 2 || candidate.count < 2) return undefined
    const seen = meanOf(candidate) - meanOf(stable)
    const error2 = varianceOf(stable) / stable.count + varianceOf(candidate) / candidate.count
    const count = stable.count + candidate.count
    const half = halfWidth(Math.sqrt(this.#temper.factor * error2 * count), count, alpha)
    return { low: seen - half, high: seen + half }
  }

  stillAllowed(): Regression | undefined {
    const difference = this.difference(STATEMENT_ALPHA)
    if (difference === undefined || this.#stable === undefined) return undefined
    const more = Math.max(0, this.#worse === 'higher' ? difference.high : -difference.low)
    const size = Math.abs(meanOf(this.#stable))
    const left = this.#worse === 'higher' ? size + more : size - more
    return { ratio: size > 0 && left > 0 ? left / size : undefined, more }
  }
}

function sumsOf({ count, sum, sumOfSquares }: MeanSample): MeanSums {
  return { count, sum, sumOfSquares }
}

function summed(sum: MeanSums | undefined, more: MeanSample | undefined): MeanSums | undefined {
  return more === undefined ? sum : plus(sum ?? NO_VALUES, sumsOf(more))
}

function totalOf(sums: MeanSums | undefined): Total | undefined {
  return sums && { requests: sums.count, value: sums.count === 0 ? undefined : meanOf(sums) }
}
