import type { MetricWindow, Sample } from './metric-source.js'

/**
 * What both sides did in one window: the judge's only evidence. Blocks are kept in the ledger and in the report. Blocks of a
 * metric before the first that has its candidate are history: they say what to expect of stable, and are no evidence.
 */
export interface Block extends MetricWindow {
  /** The candidate's weight while it was counted, in percent. A change starts a new segment of counts. */
  readonly weight: number
  readonly metrics: Readonly<Record<string, { readonly stable?: Sample; readonly candidate?: Sample }>>
}

/** What is tolerated of one metric. */
export interface MetricRule {
  readonly name: string
  readonly kind: Sample['kind']
  /** How it is judged. Default: `sequential`, by evidence that may be looked at at any time; scalars need another. */
  readonly method?: 'sequential' | 'threshold' | 'mann-whitney'
  /** For latency: which percentile the rule speaks of, 0 to 100. */
  readonly percentile?: number
  /** For means and scalars: which direction is harm. Default: `higher`. */
  readonly worse?: 'higher' | 'lower'
  /** How much worse than stable is tolerated, relative: 1.25 is a quarter more. */
  readonly tolerateRatio?: number
  /** How much worse than stable is tolerated, absolute: a share from 0 to 1. */
  readonly tolerateShare?: number
  /** For latency: a difference from stable up to this many milliseconds is tolerated, whatever the ratio. */
  readonly tolerateMs?: number
  /** Absolute limit that holds without a stable side too: a share (0 to 1), milliseconds, or the unit of a mean or scalar. */
  readonly limit?: number
  /** The part of alpha that this metric may spend, relative to the other metrics. Default: 1. */
  readonly alphaWeight?: number
  /** For `method: threshold`. */
  readonly threshold?: ThresholdRule
  /** For `method: mann-whitney`. */
  readonly mannWhitney?: MannWhitneyRule
}

/** A limit that each block is checked against, and how many failures are allowed. `limit` of the rule is the limit. */
export interface ThresholdRule {
  /** Measurements over the limit that are allowed in all. Default: 0; without end where `consecutiveLimit` is given. */
  readonly failureLimit?: number
  /** Measurements over the limit in a row that are allowed; no rule of its own if not given. */
  readonly consecutiveLimit?: number
  /** Measurements without data in a row, up to now, with which it may still pass; any number if not given. They never fail it. */
  readonly consecutiveErrorLimit?: number
  /** Time between two measurements, in milliseconds. Default: each block is one. */
  readonly intervalMs?: number
  /** How far back each measurement reaches, in milliseconds, as `[1m]` in a query does. Default: to the measurement before. */
  readonly windowMs?: number
  /** Measurements at one weight that suffice for a pass before the hold is over. Default: it lasts as long as the hold. */
  readonly count?: number
  /** Only reported: a failure never decides. Default: false. */
  readonly dryRun?: boolean
}

/** How Mann-Whitney's test decides. */
export interface MannWhitneyRule {
  /** A difference up to this part of the estimate is tolerated. Default: 0.25. */
  readonly tolerance?: number
  /** Confidence of the interval, 0 to 1. Default: 0.98. */
  readonly confidence?: number
  /** Effect sizes (candidate's mean over stable's) that are harmless: below the first is a decrease, above the second an increase. */
  readonly allowedEffect?: readonly [number, number]
  /** What a missing value counts as. Default: `remove`. */
  readonly missing?: 'remove' | 'zero'
  /** Whether values further than this many interquartile ranges out are dropped; kept if not given. */
  readonly outlierFactor?: number
  /** Length of the stretch that each compared value stands for, in milliseconds: blocks are put together. Default: 1 min. */
  readonly intervalMs?: number
  /** Which difference is harm. Default: as `worse` of the rule says. */
  readonly direction?: 'increase' | 'decrease' | 'either'
  /** For scores: the group of metrics that it counts in. Default: a group without a name. */
  readonly group?: string
  /** For scores: its failure fails the release, whatever the score. Default: false. */
  readonly critical?: boolean
}

/** A release is judged by a score from 0 to 100 of its Mann-Whitney metrics, where groups of them weigh differently. */
export interface ScoreRule {
  /** Percent of the score that each group makes up; groups that are not named share what is left to 100. */
  readonly groupWeights?: Readonly<Record<string, number>>
  /** Below this score the release fails. */
  readonly marginal: number
  /** With this score, or more, it passes; between the two it is inconclusive. */
  readonly pass: number
}

export interface JudgeParameters {
  readonly rules: readonly MetricRule[]
  /** Candidate requests without which nothing passes. */
  readonly minSamples: number
  /** Chance that a release no worse than tolerated is ever failed, for all metrics and looks together. Default: 0.05. */
  readonly alpha?: number
  /** What a release must be shown not to reach before it passes early. Default: 2 times stable and 0.5 points more. */
  readonly passMargin?: { readonly ratio: number; readonly share: number }
  /** The metrics with `method: mann-whitney` decide together, by their score; each for itself if not given. */
  readonly score?: ScoreRule
  /** `proof`: a hold that ends without proof against `passMargin` is inconclusive. */
  readonly require?: 'proof'
  /** The longest hold that is planned, in milliseconds: regressions may begin at any of its minutes. Default: 30 min. */
  readonly longestHoldMs?: number
  /**
   * No single outage of the candidate up to this length may fail it, in milliseconds: of each sum of evidence the worst run of
   * blocks is left out that such an outage may touch, and two adjacent blocks at least. Default: 10,000.
   */
  readonly outageMs?: number
  /** Whether the hold is over, so that this look is the last one. */
  readonly holdOver: boolean
}

export type Verdict = 'pass' | 'fail' | 'inconclusive'

/** How far the evidence has come: a metric fails the moment `logE` reaches `needed`. */
export interface Evidence {
  /** ln E against the candidate. */
  readonly logE: number
  /** ln of what is needed to fail. */
  readonly needed: number
  /** ln E at earlier moments, thinned to at most 60, for a chart. */
  readonly course: readonly { readonly atMs: number; readonly logE: number }[]
}

export interface MetricJudgement {
  readonly name: string
  readonly verdict: Verdict
  /** One sentence with numbers and units. */
  readonly reason: string
  readonly stable: { readonly requests: number; readonly value: number | undefined }
  readonly candidate: { readonly requests: number; readonly value: number | undefined }
  /** Unit of `value`: a share from 0 to 1, milliseconds, or whatever the source counts. */
  readonly unit: 'share' | 'ms' | 'value'
  /** Absent where another method than evidence decides. */
  readonly evidence?: Evidence
  /** Candidate minus stable, in `unit`: an interval that holds at all looks at once, at level 1 − alpha of this metric. */
  readonly difference?: { readonly low: number; readonly high: number }
  /** The worst regression that the data still allow, in words with numbers: `1.8 times stable or 0.3 points more`. */
  readonly stillAllowed?: string
  /** A pass although the data still allow more than `passMargin`: no harm was shown, and little was ruled out. */
  readonly littleKnown?: boolean
  /** Only reported: it must decide nothing, and the judgement of all metrics leaves it out. */
  readonly dryRun?: boolean
  /** For `method: mann-whitney`: how the candidate differs from stable, whatever becomes of it. */
  readonly classification?: 'high' | 'low' | 'same' | 'no-data'
  /** What is worth knowing besides: the effective tolerance of coarse buckets, a limit taken from history. */
  readonly notes?: readonly string[]
}

export interface Judgement {
  readonly verdict: Verdict
  /** A sentence that a tired person understands. */
  readonly reason: string
  readonly metrics: readonly MetricJudgement[]
  /** Every metric is proven to stay below `passMargin`: the hold may end now. */
  readonly early?: boolean
}

/** One analysis while it goes on: blocks are added as they come, and it may be judged at any time. */
export interface Bake {
  add(block: Block): void
  judgement(holdOver: boolean): Judgement
}

/** Begins an analysis. The same parameters and blocks give the same judgement, anywhere. Never throws for counts. */
export type Judge = (parameters: Omit<JudgeParameters, 'holdOver'>) => Bake
