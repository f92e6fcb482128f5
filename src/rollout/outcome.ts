import type { ClosedRollout, OpenRollout } from './ledger/ledger.js'
import type { Judgement, Block, JudgeParameters, Verdict } from './ports/judge.js'
import type { Place } from './place.js'
import type { UserError } from './user-error.js'

/** What a step did, in one word. */
export type Result = 'succeeded' | 'failed' | 'rolled-back' | 'held' | 'unchanged'

/** Everything that a judgement was made of: the same report gives the same verdict on another machine. */
export interface AnalysisReport {
  readonly parameters: JudgeParameters
  readonly blocks: readonly Block[]
  readonly judgement: Judgement
  /** Why the last look had no data, where it had none: then it is inconclusive, unless the blocks alone are a failure. */
  readonly noData?: string
}

/** What one step has to tell. */
export interface StepResult {
  readonly result: Result
  /** One sentence: what happened and why. */
  readonly sentence: string
  readonly observedShare?: string
  readonly candidateUrl?: string
  readonly report?: AnalysisReport
  /** What the hold of this step came to, judged or not; absent where none was held. */
  readonly verdict?: Verdict
  readonly restoredVersion?: string
  /** How long going back took until it was confirmed, in seconds. */
  readonly seconds?: number
}

/** Something that still runs besides the stable release, and can be returned to fast. */
export interface Standby {
  readonly version: string
  readonly place: Place
  /** ISO 8601; absent: until the next deploy. */
  readonly until?: string
}

/** A step's result together with where everything stands after it. */
export interface Outcome extends StepResult {
  /** Where traffic stands, in words. */
  readonly position: string
  /** The rollout's id, for other jobs. */
  readonly state?: string
  readonly stableVersion?: string
  readonly candidateVersion?: string
  readonly slot?: Place
  /** The candidate's weight in percent; absent when no rollout is open. */
  readonly weight?: number
  /** The rollout as it stands, or as it was closed. */
  readonly rollout?: OpenRollout | ClosedRollout
  readonly standby: readonly Standby[]
  /** The open rollout where it is not this step's: somebody else's, with traffic of its own. */
  readonly other?: OpenRollout
  /** Versions besides stable that were stable once and can be returned to, the latest first. */
  readonly earlier?: readonly string[]
  /** What stopped the step. */
  readonly problem?: UserError
}
