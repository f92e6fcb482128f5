import {
  edgeFrom,
  percentileOf,
  requestsIn,
  slowerThan,
  type Histogram,
} from '../../rollout/evidence/histogram.js'
import type { LatencySample } from '../../rollout/ports/metric-source.js'
import { SLOWER_ALTERNATIVES } from '../e-value/block-evidence.js'
import type { Null } from '../e-value/closest-null.js'
import { Comparison } from '../comparison.js'
import type { When } from '../e-value/last-run.js'
import type { Setting } from '../metric-test.js'
import { ENOUGH_FOR_PROOF, Proof } from '../proof.js'
import { expectedShare, largestShare } from '../shares/recorded-share.js'
import type { Weighed } from '../e-value/sequential-evidence.js'
import { areBuckets } from '../sound-sample.js'
import { Temper } from '../e-value/temper.js'
import type { Tolerance } from '../tolerance.js'

/** Stable requests before a percentile of theirs is believed. */
export const FEWEST_REQUESTS = 50
/** The part of a metric's alpha that is kept for the record of stable being lower than the truth. */
const PART_FOR_RECORD = 0.1

/** As many of the candidate's requests are slower than its edge as of stable's than the edge without what is tolerated. */
const NO_WORSE: Null = { kind: 'ratio', factor: 1 }

/** Requests of one pod by latency, in the buckets of its side. */
export interface PodBuckets {
  readonly pod: string
  readonly counts: readonly number[]
}

/** Indices of the edges that both sides are counted by. */
export interface Edges {
  readonly stable: number
  readonly candidate: number
}

/**
 * One percentile's part in the evidence of a latency. Latencies become shares: how many of the candidate's requests are slower than an edge plus what
 * is tolerated, against how many of stable's are slower than the edge. If no percentile is worse than tolerated, the first
 * is at most the second. The edge is the one nearest to stable's percentile in past blocks, so choosing it uses nothing
 * that is still to be judged.
 */
export class LatencyTrack {
  readonly percentile: number
  readonly #tolerance: Tolerance
  readonly #setting: Setting
  readonly #comparison: Comparison
  readonly #proof: Proof | undefined
  readonly #temper = new Temper()
  #edges: Edges | undefined
  #expected = 0
  /** Stable's own share of requests slower than the candidate's edge. */
  #harmless = 0

  /** @param proves whether the early pass asks this percentile */
  constructor(percentile: number, tolerance: Tolerance, setting: Setting, proves: boolean) {
    this.percentile = percentile
    this.#tolerance = tolerance
    this.#setting = setting
    this.#comparison = new Comparison([NO_WORSE], SLOWER_ALTERNATIVES, setting.starts)
    this.#proof = proves ? new Proof() : undefined
  }

  get logE(): number {
    return this.#comparison.logE
  }

  /** What the newest blocks say by themselves, as in SequentialEvidence. */
  get recent(): number {
    return this.#comparison.recent
  }

  get weighed(): Weighed {
    return this.#comparison.weighed
  }

  get proven(): boolean {
    return this.#proof !== undefined && this.#proof.logE >= ENOUGH_FOR_PROOF
  }

  get temper(): number {
    return this.#temper.factor(this.#expected)
  }

  newSegment(): void {
    this.#proof?.newSegment()
  }

  /** Before a block: by which edges it will be counted, from what stable did until then. */
  expect(past: Histogram | undefined): void {
    const edges = past === undefined ? undefined : edgesFor(past, this.percentile, this.#tolerance)
    if (edges?.stable !== this.#edges?.stable) this.#temper.forgetOpenPods()
    this.#edges = edges
    const share = (edge: number | undefined) =>
      past === undefined || edge === undefined ? 0 : (expectedShare(slowerThan(past, edge)) ?? 0)
    this.#expected = share(edges?.stable)
    this.#harmless = share(edges?.candidate)
  }

  weigh(candidate: Histogram, stable: Histogram, when: When): void {
    const edges = this.#edges
    if (edges === undefined) return
    const pair = {
      candidate: slowerThan(candidate, edges.candidate),
      stable: slowerThan(stable, edges.stable),
      guess: this.#expected,
      temper: this.temper,
    }
    this.#comparison.add(pair, when)
    this.#proof?.add(NO_WORSE, pair, this.#harmless, when)
  }

  weighAlone(candidate: Histogram, past: Histogram, when: When): void {
    const edges = this.#edges
    if (edges === undefined) return
    const { temper } = this
    const recorded = slowerThan(past, edges.stable)
    const largest = largestShare(recorded, PART_FOR_RECORD * this.#setting.alpha, temper)
    this.#comparison.addAlone(slowerThan(candidate, edges.candidate), { largest, temper }, when)
  }

  /** After a block: how much stable varies from one to the next, and its pods among themselves. */
  learn(last: Histogram | undefined, stable: Histogram, pods: readonly PodBuckets[], fromMs: number): void {
    const edge = this.#edges?.stable
    if (edge === undefined) return
    if (last !== undefined) this.#temper.compare(slowerThan(last, edge), slowerThan(stable, edge), fromMs)
    if (pods.length === 0) return
    const slower = pods.map(({ pod, counts }) => ({ pod, ...slowerThan({ counts }, edge) }))
    this.#temper.addPods(slower, fromMs)
  }
}

/** The edges for a percentile of what stable did; undefined while too little is known, or where the histogram ends below. */
export function edgesFor(past: Histogram, percentile: number, tolerance: Tolerance): Edges | undefined {
  if (requestsIn(past) < FEWEST_REQUESTS) return undefined
  const stable = nearestEdge(past.edgesMs, percentileOf(past, percentile) ?? 0)
  const edge = past.edgesMs[stable]
  if (edge === undefined) return undefined
  const candidate = edgeFrom(past.edgesMs, Math.max(edge * tolerance.ratio, edge + tolerance.more))
  return candidate === undefined ? undefined : { stable, candidate }
}

function nearestEdge(edgesMs: readonly number[], ms: number): number {
  const above = edgeFrom(edgesMs, ms) ?? edgesMs.length - 1
  const below = above - 1
  const distance = (index: number) => Math.abs((edgesMs[index] ?? Infinity) - ms)
  return distance(below) < distance(above) ? below : above
}

/** The counts by pod, as far as they can be counts. */
export function soundPods({ pods, counts: all }: LatencySample): readonly PodBuckets[] {
  return Object.entries(pods ?? {})
    .filter(([, counts]) => areBuckets(counts, all.length))
    .map(([pod, counts]) => ({ pod, counts }))
}
