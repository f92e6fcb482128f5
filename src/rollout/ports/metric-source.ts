import type { Selector } from './platform.js'

/** Requests of one pod in one block and how many of them were bad: `[requests, bad]`. */
export type PodShare = readonly [requests: number, bad: number]

/** Requests of one side in one block, and how many of them were bad. Whole numbers. */
export interface ShareSample {
  readonly kind: 'share'
  readonly requests: number
  readonly bad: number
  /** The same by pod, where the source tells pods apart: they sum to the counts of the side. */
  readonly pods?: Readonly<Record<string, PodShare>>
}

/** Requests of one side by latency: `counts[i]` took at most `edgesMs[i]` and more than the edge before; the last count has no edge. */
export interface LatencySample {
  readonly kind: 'latency'
  readonly edgesMs: readonly number[]
  readonly counts: readonly number[]
  /** The same counts by pod, where the source tells pods apart. */
  readonly pods?: Readonly<Record<string, readonly number[]>>
}

/** Values of one side in one block (basket value, orders a minute), by how many there were, their sum and the sum of their squares. */
export interface MeanSample {
  readonly kind: 'mean'
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
}

/** One number for one side and block, from a source that cannot count. Only `threshold` and `mann-whitney` can judge it. */
export interface ScalarSample {
  readonly kind: 'scalar'
  readonly value: number
}

export type Sample = ShareSample | LatencySample | MeanSample | ScalarSample

/** What a metric counts, as the config names it. */
export interface MetricQuery {
  /** The name in rollout.yml: `errors`, `latency-p95`. */
  readonly name: string
  readonly kind: Sample['kind']
  /** What the source needs besides (queries); its own business. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** The same window for both sides, in the wall time of the source's target, milliseconds since 1970. */
export interface MetricWindow {
  readonly fromMs: number
  readonly toMs: number
}

export type MetricReading =
  | { readonly kind: 'samples'; readonly stable: Sample | undefined; readonly candidate: Sample | undefined }
  /** Nothing can be said of this window, and why: never a pass, never a failure. */
  | { readonly kind: 'no-data'; readonly why: string }

/** What one side did in one window of the past. */
export interface PastSample extends MetricWindow {
  readonly sample: Sample
}

/** How long an answer may take of a source that does not say, in milliseconds. */
export const DEFAULT_ANSWER_MS = 10_000

/** Where counts per side come from. May throw TransientError (asked again at the next look) or UserError. */
export interface MetricSource {
  readonly name: string
  /** How long after a window ends its counts are complete, in milliseconds. */
  readonly lagMs: number
  /** Counts are complete at whole multiples of this, in milliseconds of the source's time; at any time if not given. */
  readonly stepMs?: number
  /** Windows need only last for `stepMs`, and may begin and end at any moment. Default: at whole multiples of it. */
  readonly anyMoment?: boolean
  /** How long its time or counts may take, with all that it tries again by itself, in milliseconds. Default: `DEFAULT_ANSWER_MS`. */
  readonly answerMs?: number
  /** How long the history of one metric may take, in so many windows, in milliseconds. Default: `answerMs`. */
  historyAnswerMs?(windows: number): number
  /** The source that counts a metric, where this one stands for several: who is named, and may take how long. Default: itself. */
  sourceOf?(metric: string): MetricSource
  /** The source's own time, by which windows are cut; the runner's clock if it tells none. */
  now?(): Promise<Date>
  counts(
    metric: MetricQuery,
    by: { readonly stable: Selector | undefined; readonly candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading>
  /**
   * What one side did before the rollout, oldest first, in windows of about `blockMs` (milliseconds): what the judge expects
   * of stable at the first look. Fewer windows than wanted, or none, where the source does not reach back so far.
   */
  history?(
    metric: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]>
}
