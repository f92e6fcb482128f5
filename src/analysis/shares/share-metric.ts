import type { MetricRule } from '../../rollout/ports/judge.js'
import type { Sample, ShareSample } from '../../rollout/ports/metric-source.js'
import { AgainstStableAndLimit } from '../against-stable-and-limit.js'
import { SHARE_ALTERNATIVES } from '../e-value/block-evidence.js'
import type { Counts } from '../e-value/closest-null.js'
import { Comparison } from '../comparison.js'
import { LimitTest } from '../limit-test.js'
import { marginAt } from '../margin.js'
import type { Interval, MetricTest, Setting, Total, Window } from '../metric-test.js'
import type { PodCounts } from '../e-value/pod-dispersion.js'
import { ENOUGH_FOR_PROOF, Proof } from '../proof.js'
import type { Regression } from '../regression.js'
import { expectedShare, largestShare } from './recorded-share.js'
import { ShareIntervals } from './share-interval.js'
import { NO_REQUESTS, sumOf } from './share-tally.js'
import { ShareTallies } from './share-tallies.js'
import { areCounts, isShare } from '../sound-sample.js'
import { Temper } from '../e-value/temper.js'
import { toleranceOf, toleratedNulls } from '../tolerance.js'

/** Chance of a wrong statement in words about what the data allow. */
const STATEMENT_ALPHA = 0.05
/** The part of a metric's alpha that is kept for the record of stable being lower than the truth. */
const PART_FOR_RECORD = 0.1

/** Shares of bad requests: the two-sample e-value against both tolerances, and the guards. */
export class ShareMetric extends AgainstStableAndLimit implements MetricTest<ShareSample> {
  readonly #setting: Setting
  readonly #comparison: Comparison
  readonly #limit: LimitTest | undefined
  readonly #proof = new Proof()
  readonly #temper = new Temper()
  readonly #tallies = new ShareTallies()
  /** All that stable did, history included. */
  #past: Counts = NO_REQUESTS
  #last: Counts | undefined

  constructor(rule: MetricRule, setting: Setting) {
    const { starts } = setting
    const comparison = new Comparison(toleratedNulls(toleranceOf(rule)), SHARE_ALTERNATIVES, starts)
    const limit = rule.limit === undefined ? undefined : new LimitTest(rule.limit, SHARE_ALTERNATIVES, starts)
    super(comparison, limit)
    this.#setting = setting
    this.#comparison = comparison
    this.#limit = limit
  }

  isSound(sample: Sample | undefined): sample is ShareSample {
    return isShare(sample)
  }

  learn(stable: ShareSample, fromMs: number): void {
    if (stable.requests === 0) return
    if (this.#last !== undefined) this.#temper.compare(this.#last, stable, fromMs)
    if (stable.pods !== undefined) this.#temper.addPods(soundPods(stable.pods), fromMs)
    this.#last = { requests: stable.requests, bad: stable.bad }
    this.#past = sumOf(this.#past, stable)
  }

  weigh({ stable, candidate, alone, ...when }: Window<ShareSample>): void {
    const guess = expectedShare(this.#past)
    const temper = this.#temper.factor(guess ?? 0)
    if (candidate !== undefined) {
      const pair = { candidate, stable: stable ?? NO_REQUESTS, guess, temper }
      if (alone) this.#comparison.addAlone(candidate, this.#record(temper), when)
      else {
        this.#comparison.add(pair, when)
        this.#proof.add(marginAt(this.#setting.margin, guess ?? 0), pair, guess ?? 0, when)
      }
      this.#limit?.add(candidate, temper, when)
    }
    this.#tallies.add(stable, candidate, guess)
    if (stable !== undefined) this.learn(stable, when.fromMs)
  }

  newSegment(): void {
    this.#tallies.begin()
    this.#proof.newSegment()
  }

  get proven(): boolean {
    return this.#proof.logE >= ENOUGH_FOR_PROOF
  }

  get hasRecord(): boolean {
    return this.#past.requests > 0
  }

  get stable(): Total | undefined {
    return totalOf(this.#tallies.current.stable)
  }

  get candidate(): Total | undefined {
    return totalOf(this.#tallies.current.candidate)
  }

  difference(alpha: number): Interval | undefined {
    return this.#intervals([this.#tallies.known]).difference(alpha)
  }

  stillAllowed(): Regression | undefined {
    const intervals = this.#intervals(this.#tallies.all)
    const more = intervals.largestDifference(STATEMENT_ALPHA)
    return more === undefined ? undefined : { ratio: intervals.largestRatio(STATEMENT_ALPHA), more }
  }

  #intervals(tallies: ConstructorParameters<typeof ShareIntervals>[0]): ShareIntervals {
    return new ShareIntervals(tallies, this.#temper.factor(expectedShare(this.#past) ?? 0))
  }

  #record(temper: number): { largest: number; temper: number } {
    return { largest: largestShare(this.#past, PART_FOR_RECORD * this.#setting.alpha, temper), temper }
  }
}

function totalOf(counts: Counts | undefined): Total | undefined {
  if (counts === undefined) return undefined
  const { requests, bad } = counts
  return { requests, value: requests === 0 ? undefined : bad / requests }
}

/** The pods' counts, as far as they can be counts. */
function soundPods(pods: NonNullable<ShareSample['pods']>): readonly PodCounts[] {
  return Object.entries(pods)
    .filter(([, each]) => Array.isArray(each) && areCounts(each[0], each[1]))
    .map(([pod, [requests, bad]]) => ({ pod, requests, bad }))
}
