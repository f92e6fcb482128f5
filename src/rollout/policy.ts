import type { JudgeParameters } from './ports/judge.js'
import type { MetricQuery } from './ports/metric-source.js'
import type { Plan } from './plan.js'

/** What a failed check does to the traffic. */
export type OnFail = 'back' | 'hold' | 'report'

/** What a cancelled job does to the traffic: back to stable, or hold where it stands. */
export type OnCancel = 'back' | 'hold'

/** What another run's open rollout does to a `deploy`: refuse, wait for it, or take it back first. */
export type IfBusy = 'refuse' | 'wait' | 'supersede'

/** Durations of a rollout, all in milliseconds. The defaults are measured or argued where they are named. */
export interface Timing {
  /** Until a placed release must be ready. Default 5 min. */
  readonly readyDeadlineMs: number
  /** Until a written weight must have taken effect and been confirmed. Default 2 min. */
  readonly confirmDeadlineMs: number
  /** Wait between a switch and stopping processes where the router cannot say that it has let go (trap 23a). Default 5 s. */
  readonly settleMs: number
  /** How long requests and connections in flight may take to end before a slot is retired. Default 30 s. */
  readonly drainMs: number
  /** How often a step at work renews its lease. Default 30 s. */
  readonly leaseRenewMs: number
  /** A lease not renewed for this long is stale. Default 5 min. */
  readonly leaseStaleMs: number
  /** How long a rollout may rest between two steps of a job. Default 30 min. */
  readonly restMs: number
  /** How long a parked rollout waits for the jobs to come. Default 24 h. */
  readonly parkMs: number
  /** Fewer ready replicas than wanted for this long, while a weight is held, is a failed check. Default 10 s. */
  readonly unreadyMs: number
  /** How long `if-busy: wait` waits. Default 30 min. */
  readonly busyWaitMs: number
}

export const DEFAULT_TIMING: Timing = {
  readyDeadlineMs: 300_000,
  confirmDeadlineMs: 120_000,
  settleMs: 5_000,
  drainMs: 30_000,
  leaseRenewMs: 30_000,
  leaseStaleMs: 300_000,
  restMs: 1_800_000,
  parkMs: 86_400_000,
  unreadyMs: 10_000,
  busyWaitMs: 1_800_000,
}

/** How the candidate is compared with stable. */
export interface AnalysisPolicy {
  readonly queries: readonly MetricQuery[]
  readonly parameters: Omit<JudgeParameters, 'holdOver'>
  /** Time between two looks, in milliseconds. */
  readonly intervalMs: number
  /** A hold whose evidence does not suffice is extended to this many times its length. Default 3. */
  readonly maxHoldFactor: number
  readonly onInconclusive: 'back' | 'continue'
  /** How far back stable is looked at before the first hold of a rollout, in milliseconds; 0 for not at all. Default 10 min. */
  readonly historyMs?: number
  /**
   * Whether a hold ends as soon as every metric is proven harmless. Default false: a hold is a promise of time, in which
   * also what no metric counts may show (a slow leak, a nightly job).
   */
  readonly earlyPass?: boolean
  /**
   * For how long in a row a metric may tell nothing of the candidate (error of the source, no series, no requests), in
   * milliseconds; longer is a failed check. Until then, and if absent, it is inconclusive, and `onInconclusive` decides
   * at the end of the longest hold.
   */
  readonly noDataTimeoutMs?: number
}

/** Everything of rollout.yml and the inputs that the core decides by. */
export interface Policy {
  readonly plan: Plan
  readonly timing: Timing
  /** Absent: nothing is judged. */
  readonly analysis: AnalysisPolicy | undefined
  readonly onFail: OnFail
  readonly onCancel: OnCancel
  readonly ifBusy: IfBusy
  /** How long the old slot is kept after promotion, in milliseconds; `until-next` keeps it until the next deploy. */
  readonly keepStableWarm: number | 'until-next'
  /** Whether a release that was stable before goes back to 100 at once, or walks the plan. */
  readonly returnAs: 'at-once' | 'rollout'
  /** Whether a service that this repository's ledger does not know may be taken over as it is found. */
  readonly adopt: boolean
  /** Confirmation requests a second while a share is measured. At most and by default 200. */
  readonly confirmRate: number
  readonly dryRun: boolean
}
