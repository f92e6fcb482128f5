import type { Selector } from './platform.js'

/** Requests of one side in one block, and how many of them were bad. Whole numbers. */
export interface ShareSample {
  readonly kind: 'share'
  readonly requests: number
  readonly bad: number
}

/** Requests of one side by latency: `counts[i]` took at most `edgesMs[i]` and more than the edge before; the last count has no edge. */
export interface LatencySample {
  readonly kind: 'latency'
  readonly edgesMs: readonly number[]
  readonly counts: readonly number[]
}

export type Sample = ShareSample | LatencySample

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

/** Where counts per side come from. May throw TransientError (asked again at the next look) or UserError. */
export interface MetricSource {
  readonly name: string
  /** How long after a window ends its counts are complete, in milliseconds. */
  readonly lagMs: number
  /** Counts are complete at whole multiples of this, in milliseconds of the source's time; at any time if not given. */
  readonly stepMs?: number
  /** The source's own time, by which windows are cut; the runner's clock if it tells none. */
  now?(): Promise<Date>
  counts(
    metric: MetricQuery,
    by: { readonly stable: Selector | undefined; readonly candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading>
}
