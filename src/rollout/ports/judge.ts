import type { MetricWindow, Sample } from './metric-source.js'

/** What both sides did in one window: the judge's only evidence. Blocks are kept in the ledger and in the report. */
export interface Block extends MetricWindow {
  /** The candidate's weight while it was counted, in percent. A change starts a new segment of counts. */
  readonly weight: number
  readonly metrics: Readonly<Record<string, { readonly stable?: Sample; readonly candidate?: Sample }>>
}

/** What is tolerated of one metric. */
export interface MetricRule {
  readonly name: string
  readonly kind: Sample['kind']
  /** For latency: which percentile the rule speaks of, 0 to 100. */
  readonly percentile?: number
  /** How much worse than stable is tolerated, relative: 1.25 is a quarter more. */
  readonly tolerateRatio?: number
  /** How much worse than stable is tolerated, absolute: a share from 0 to 1. */
  readonly tolerateShare?: number
  /** For latency: a difference from stable up to this many milliseconds is tolerated, whatever the ratio. */
  readonly tolerateMs?: number
  /** Absolute limit that holds without a stable side too: a share (0 to 1) or milliseconds. */
  readonly limit?: number
}

export interface JudgeParameters {
  readonly rules: readonly MetricRule[]
  /** Candidate requests without which nothing passes. */
  readonly minSamples: number
  /** Whether the hold is over, so that this look is the last one. */
  readonly holdOver: boolean
}

export type Verdict = 'pass' | 'fail' | 'inconclusive'

export interface MetricJudgement {
  readonly name: string
  readonly verdict: Verdict
  /** One sentence with numbers and units. */
  readonly reason: string
  readonly stable: { readonly requests: number; readonly value: number | undefined }
  readonly candidate: { readonly requests: number; readonly value: number | undefined }
  /** Unit of `value`: a share from 0 to 1, or milliseconds. */
  readonly unit: 'share' | 'ms'
}

export interface Judgement {
  readonly verdict: Verdict
  /** A sentence that a tired person understands. */
  readonly reason: string
  readonly metrics: readonly MetricJudgement[]
}

/** A pure function: the same parameters and blocks give the same judgement, anywhere. Never throws for counts. */
export type Judge = (parameters: JudgeParameters, blocks: readonly Block[]) => Judgement
