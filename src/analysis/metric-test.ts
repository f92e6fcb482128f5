import type { Sample } from '../rollout/ports/metric-source.js'
import type { Margin } from './margin.js'
import type { Regression } from './regression.js'
import type { When } from './e-value/last-run.js'
import type { Starts, Weighed } from './e-value/sequential-evidence.js'

/** What one side did in several blocks: requests or values, and a share from 0 to 1, milliseconds or a mean. */
export interface Total {
  readonly requests: number
  readonly value: number | undefined
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/** One block of the bake as a test takes it: sound samples only. */
export interface Window<S extends Sample> extends When {
  readonly stable: S | undefined
  readonly candidate: S | undefined
  /** At 100 % there is no stable side: its record stands for it. */
  readonly alone: boolean
}

/** What a test is set up with. */
export interface Setting {
  readonly starts: Starts
  readonly margin: Margin
  /** The part of alpha that the metric may spend, 0 to 1. */
  readonly alpha: number
}

/** One metric's evidence while blocks come in. Each look costs the same, however many blocks there were. */
export interface MetricTest<S extends Sample> {
  isSound(sample: Sample | undefined): sample is S
  /** What stable did before the candidate came: what to expect of it, and no evidence. */
  learn(stable: S, fromMs: number): void
  weigh(window: Window<S>): void
  /** The weight has changed: figures begin anew, evidence does not. */
  newSegment(): void
  /** ln E that the candidate is worse than tolerated. */
  readonly worse: number
  /** ln E that it breaks the absolute limit; undefined where there is none. */
  readonly overLimit: number | undefined
  /** As `worse` and `overLimit`, whichever is larger, of the newest blocks by themselves: as many as one outage may touch. */
  readonly recent: number
  /** How much of the candidate could be compared with stable, and held against the limit where there is one. */
  readonly weighed: { readonly worse: Weighed; readonly overLimit: Weighed | undefined }
  /** Whether it is proven to stay below the margin. */
  readonly proven: boolean
  /** Whether stable was ever seen, in history or since. */
  readonly hasRecord: boolean
  /** Both sides at the present weight; undefined if never counted. */
  readonly stable: Total | undefined
  readonly candidate: Total | undefined
  /** Candidate minus stable at the present weight, with a chance of `alpha` that it ever lies outside. */
  difference(alpha: number): Interval | undefined
  /** The worst regression that the data still allow at 0.05. */
  stillAllowed(): Regression | undefined
  /** Of a latency: the bucket edge that the candidate's percentile is held against, in milliseconds, where there is one. */
  readonly boundMs?: number | undefined
  notes(): readonly string[]
}
