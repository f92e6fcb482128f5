import {
  added,
  edgeFrom,
  percentileOf,
  requestsIn,
  sameEdges,
  slowerThan,
} from '../../rollout/evidence/histogram.js'
import type { MetricRule } from '../../rollout/ports/judge.js'
import type { LatencySample, Sample } from '../../rollout/ports/metric-source.js'
import { SLOWER_ALTERNATIVES } from '../e-value/block-evidence.js'
import { bucketNotes } from './bucket-notes.js'
import { edgesFor, LatencyTrack, soundPods } from './latency-track.js'
import type { When } from '../e-value/last-run.js'
import { LimitTest } from '../limit-test.js'
import type { Interval, MetricTest, Setting, Total, Window } from '../metric-test.js'
import { percentileBounds } from './percentile-bounds.js'
import { logSum } from '../e-value/sequential-evidence.js'
import type { Regression } from '../regression.js'
import { isLatency } from '../sound-sample.js'
import { percentileOfRule, toleranceOf, type Tolerance } from '../tolerance.js'
import { WholeShape } from './whole-shape.js'
import { withoutPods } from '../without-pods.js'

/** At these percentiles of stable a regression is looked for, beside the one that the rule names. */
const PERCENTILES = [50, 75, 90, 95, 99] as const
/** Between stable's percentiles requests are sorted to compare the whole shape. */
const SHAPE_PERCENTILES = [10, 25, 50, 75, 90, 95, 99] as const
/** Of both tests together, how much the whole shape weighs. */
const PART_OF_SHAPE = 0.75
/** Chance of a wrong statement in words about what the data allow. */
const STATEMENT_ALPHA = 0.05

/**
 * Latencies by histogram: the same test as for shares on "slower than an edge", averaged over several percentiles, which
 * finds what is wrong at one of them; and, with three quarters of the weight, the test of the whole shape, which finds sooner what is slower throughout.
 */
export class LatencyMetric implements MetricTest<LatencySample> {
  readonly #percentile: number
  readonly #limitMs: number | undefined
  readonly #tolerance: Tolerance
  readonly #tracks: readonly LatencyTrack[]
  readonly #shape: WholeShape
  readonly #limit: LimitTest | undefined
  /** All that stable did since its buckets last changed, history included. */
  #past: LatencySample | undefined
  #last: LatencySample | undefined
  #stable: Sum | undefined
  #candidate: Sum | undefined

  constructor(rule: MetricRule, setting: Setting) {
    this.#percentile = percentileOfRule(rule)
    this.#limitMs = rule.limit
    this.#tolerance = toleranceOf(rule)
    this.#tracks = [...new Set([...PERCENTILES, this.#percentile])].map(
      (percentile) => new LatencyTrack(percentile, this.#tolerance, setting, percentile === this.#percentile),
    )
    this.#shape = new WholeShape(setting.starts)
    this.#limit =
      rule.limit === undefined
        ? undefined
        : new LimitTest(1 - this.#percentile / 100, SLOWER_ALTERNATIVES, setting.starts)
  }

  isSound(sample: Sample | undefined): sample is LatencySample {
    return isLatency(sample)
  }

  learn(stable: LatencySample, fromMs: number): void {
    this.#expect()
    this.#learn(stable, fromMs)
  }

  weigh({ stable, candidate, alone, ...when }: Window<LatencySample>): void {
    this.#expect()
    if (candidate !== undefined && alone) this.#weighAlone(candidate, when)
    else if (candidate !== undefined && stable !== undefined) this.#weighBoth(candidate, stable, when)
    if (candidate !== undefined) this.#weighLimit(candidate, when)
    this.#candidate = summed(this.#candidate, candidate)
    this.#stable = summed(this.#stable, stable)
    if (stable !== undefined) this.#learn(stable, when.fromMs)
  }

  newSegment(): void {
    this.#stable = undefined
    this.#candidate = undefined
    for (const track of this.#tracks) track.newSegment()
  }

  /** ln of the weighted mean of the percentiles' mean and the whole shape: a mean of e-values is one. */
  get worse(): number {
    return this.#mean(({ logE }) => logE)
  }

  get recent(): number {
    return Math.max(
      this.#mean(({ recent }) => recent),
      this.#limit?.recent ?? -Infinity,
    )
  }

  get weighed(): MetricTest<LatencySample>['weighed'] {
    const weighed = this.#limit?.weighed
    // Below the last edge it is below a limit beyond that edge too.
    const isBelow = (this.candidate?.value ?? 0) < (this.#candidate?.histogram.edgesMs.at(-1) ?? 0)
    const overLimit = weighed === 'nothing' && isBelow ? undefined : weighed
    return { worse: this.#track?.weighed ?? 'nothing', overLimit }
  }

  get overLimit(): number | undefined {
    return this.#limit?.logE
  }

  get proven(): boolean {
    return this.#track?.proven ?? false
  }

  get hasRecord(): boolean {
    return this.#past !== undefined
  }

  get stable(): Total | undefined {
    return totalOf(this.#stable, this.#percentile)
  }

  get candidate(): Total | undefined {
    return totalOf(this.#candidate, this.#percentile)
  }

  difference(alpha: number): Interval | undefined {
    const bounds = this.#bounds(alpha)
    if (bounds?.candidate.high === undefined || bounds.stable.high === undefined) return undefined
    return {
      low: bounds.candidate.low - bounds.stable.high,
      high: bounds.candidate.high - bounds.stable.low,
    }
  }

  stillAllowed(): Regression | undefined {
    const bounds = this.#bounds(STATEMENT_ALPHA)
    if (bounds?.candidate.high === undefined) return undefined
    const { high } = bounds.candidate
    const { low } = bounds.stable
    return {
      ratio: low > 0 ? Math.max(1, high / low) : undefined,
      more: Math.max(0, high - low),
      upToMs: high,
    }
  }

  get boundMs(): number | undefined {
    const edges = this.#past && edgesFor(this.#past, this.#percentile, this.#tolerance)
    return edges && this.#past?.edgesMs[edges.candidate]
  }

  notes(): readonly string[] {
    return bucketNotes(this.#past, this.#percentile, this.#tolerance, this.#limitMs)
  }

  #mean(part: (evidence: LatencyTrack | WholeShape) => number): number {
    const byPercentile = logSum(this.#tracks.map(part)) - Math.log(this.#tracks.length)
    return logSum([byPercentile + Math.log(1 - PART_OF_SHAPE), part(this.#shape) + Math.log(PART_OF_SHAPE)])
  }

  get #track(): LatencyTrack | undefined {
    return this.#tracks.find(({ percentile }) => percentile === this.#percentile)
  }

  #bounds(alpha: number) {
    if (this.#stable === undefined || this.#candidate === undefined) return undefined
    if (this.#stable.requests === 0 || this.#candidate.requests === 0) return undefined
    const temper = this.#track?.temper ?? 1
    const of = ({ histogram }: Sum) => percentileBounds(histogram, this.#percentile, alpha / 2, temper)
    return { stable: of(this.#stable), candidate: of(this.#candidate) }
  }

  #expect(): void {
    for (const track of this.#tracks) track.expect(this.#past)
  }

  /** A source that changed its buckets starts afresh: shares above different edges cannot be compared. */
  #weighBoth(candidate: LatencySample, stable: LatencySample, when: When): void {
    const past = this.#past
    if (past === undefined || !sameEdges(past, candidate) || !sameEdges(past, stable)) return
    for (const track of this.#tracks) track.weigh(candidate, stable, when)
    const edges = SHAPE_PERCENTILES.flatMap((percentile) => edgesFor(past, percentile, this.#tolerance) ?? [])
    // The mean over the percentiles: the largest of several estimates would be too large by chance alone.
    const temper = this.#tracks.reduce((sum, track) => sum + track.temper, 0) / this.#tracks.length
    this.#shape.add(edges, past, candidate, stable, temper, when)
  }

  #weighAlone(candidate: LatencySample, when: When): void {
    const past = this.#past
    if (past === undefined || !sameEdges(past, candidate)) return
    for (const track of this.#tracks) track.weighAlone(candidate, past, when)
  }

  /** A stable block: the tracks learn from it by the edges that it was expected at. */
  #learn(stable: LatencySample, fromMs: number): void {
    if (requestsIn(stable) === 0) return
    const comparable = this.#past !== undefined && sameEdges(this.#past, stable)
    const pods = comparable ? soundPods(stable) : []
    if (comparable) for (const track of this.#tracks) track.learn(this.#last, stable, pods, fromMs)
    this.#past = comparable && this.#past !== undefined ? added(this.#past, stable) : withoutPods(stable)
    this.#last = withoutPods(stable)
  }

  /** The share of requests slower than the limit must not exceed what the percentile leaves above it. */
  #weighLimit(candidate: LatencySample, when: When): void {
    if (this.#limit === undefined || this.#limitMs === undefined) return
    const edge = edgeFrom(candidate.edgesMs, this.#limitMs)
    if (edge === undefined) return
    this.#limit.add(slowerThan(candidate, edge), this.#track?.temper ?? 1, when)
  }
}

/** What one side did at one weight: all its requests, and those that can be added up. */
interface Sum {
  readonly requests: number
  readonly histogram: LatencySample
}

/** Where the source changed its buckets, only those after the change can be added up. */
function summed(sum: Sum | undefined, more: LatencySample | undefined): Sum | undefined {
  if (more === undefined) return sum
  const requests = (sum?.requests ?? 0) + requestsIn(more)
  const histogram =
    sum !== undefined && sameEdges(sum.histogram, more) ? added(sum.histogram, more) : withoutPods(more)
  return { requests, histogram }
}

function totalOf(sum: Sum | undefined, percentile: number): Total | undefined {
  return sum && { requests: sum.requests, value: percentileOf(sum.histogram, percentile) }
}
