import type { Place, Split } from '../place.js'
import type { Block } from '../ports/judge.js'
import type { AttemptId } from '../ports/platform.js'
import type { OnCancel } from '../policy.js'
import type { Release, ReleaseHandle } from '../release.js'
import type { TimelineEntry } from '../timeline.js'

/** Who opened a rollout: a workflow run, in one of its attempts. */
export interface Owner {
  readonly repository: string
  readonly run: string
  readonly attempt: number
  /** Where people can look at that run. */
  readonly url?: string
}

/** What a step at work holds; it is renewed while the step lives and goes stale when it does not. */
export interface Lease {
  /** Random id of the process. A step that reads another's id writes nothing more. */
  readonly holder: string
  /** What the holder is doing: `canary-step`. */
  readonly step: string
  readonly owner: Owner
  readonly renewedAt: string
  readonly renewEveryMs: number
  readonly staleAfterMs: number
}

/** A release and the place that it was put into. */
export interface PlacedRelease {
  readonly place: Place
  readonly release: Release
  readonly handle?: ReleaseHandle
  /** Replicas at full size, once it was ready. */
  readonly replicas?: number
}

/** The release that serves, and since when. */
export interface StableRelease extends PlacedRelease {
  readonly since: string
  /** The rollout that promoted it; absent if it was adopted. */
  readonly rollout?: string
}

export interface Candidate extends PlacedRelease {
  readonly attempt?: AttemptId
}

/** Why only going back may follow. */
export interface Setback {
  readonly reason: string
  readonly at: string
  /** How long it took from then until all requests were confirmed to go to stable, in milliseconds. */
  readonly tookMs?: number
}

/** Between two steps of a job a rollout rests; between two jobs it is parked. After `until` anybody may take it back. */
export interface Rest {
  readonly kind: 'rest' | 'parked'
  readonly until: string
}

/** A weight that was held and passed: the same step again need not hold it once more, a longer or a judged one must. */
export interface PassedHold {
  readonly weight: number
  /** How long it was to be held, in milliseconds; proof may have ended it early. */
  readonly holdMs: number
  /** Whether the candidate was compared with stable meanwhile. */
  readonly judged: boolean
}

interface RolloutFacts {
  /** Random; also the `state` that steps hand to each other. */
  readonly id: string
  readonly owner: Owner
  /** The job that worked on it last. */
  readonly job?: string
  /** `return`: a release that was stable before goes back to 100 at once. */
  readonly kind: 'rollout' | 'return'
  readonly openedAt: string
  readonly onCancel: OnCancel
  /** The candidate's weight as it was last confirmed, in percent. */
  readonly weight: number
  /** What was held and passed. */
  readonly held: readonly PassedHold[]
  readonly rest?: Rest
  /** A failed check or a cancelled job that was asked to hold: the post step parks instead of going back. */
  readonly onHold?: string
  readonly blocks: readonly Block[]
  readonly timeline: readonly TimelineEntry[]
  /** Cookies of our own requests that the candidate answered: they must come back to stable too. */
  readonly visitors: readonly string[]
}

export type Reserved = RolloutFacts & { readonly phase: 'reserved' }
export type Underway = RolloutFacts & {
  readonly phase: 'placing' | 'shifting' | 'promoting'
  readonly candidate: Candidate
}
export type Doomed = RolloutFacts & {
  readonly phase: 'failed' | 'going-back'
  readonly candidate?: Candidate
  readonly setback: Setback
}

/** One attempt to take a candidate from 0 to 100. */
export type OpenRollout = Reserved | Underway | Doomed

export interface ClosedRollout {
  readonly id: string
  readonly owner: Owner
  readonly job?: string
  readonly version?: string
  readonly outcome: 'promoted' | 'taken-back' | 'withdrawn'
  readonly reason?: string
  readonly closedAt: string
  readonly timeline: readonly TimelineEntry[]
}

export interface KnownRelease {
  readonly release: Release
  readonly handle?: ReleaseHandle
  readonly latest: 'promoted' | 'taken-back'
  readonly reason?: string
  readonly at: string
}

/** A release that an applied contract migration has excluded: it can no longer run on the schema. */
export interface ExcludedRelease {
  readonly version: string
  readonly migration: string
  readonly reason: string
}

/** Something that is to be stopped, by the next action or the sweep. */
export interface Retirement {
  readonly place: Place
  readonly version: string
  readonly after: string
}

/** The same release in the same place: another one that was there before is due on its own. */
export function isSameRetirement(one: Retirement, other: Retirement): boolean {
  return one.place === other.place && one.version === other.version
}

/** A run whose `deploy` found its release stable already: its later steps answer `unchanged`. */
export interface SettledRun {
  readonly owner: Owner
  readonly version: string
}

/** The durable record of one service in one environment. */
export interface Ledger {
  readonly format: { readonly major: number; readonly minor: number }
  /** Random id of this write: tells a write whose answer was lost from somebody else's. */
  readonly writeId: string
  readonly service: string
  readonly environment: string
  /** The repository that owns the service. */
  readonly repository: string
  readonly lease?: Lease
  readonly stable?: StableRelease
  /** What was put into each place and not retired since. */
  readonly places: Partial<Record<Place, PlacedRelease>>
  /** The split that we last confirmed. */
  readonly split?: Split
  /** The split that is being written: set before the router is, so that a kill in between is not taken for a stranger. */
  readonly intended?: Split
  readonly rollout?: OpenRollout
  readonly closed: readonly ClosedRollout[]
  readonly releases: readonly KnownRelease[]
  readonly excluded: readonly ExcludedRelease[]
  readonly retire: readonly Retirement[]
  readonly settled: readonly SettledRun[]
}

export const CLOSED_LIMIT = 20
export const RELEASES_LIMIT = 20
export const SETTLED_LIMIT = 20

/** Whether a rollout belongs to this run, in any attempt. */
export function isOwnedBy(owner: Owner, run: Owner): boolean {
  return owner.repository === run.repository && owner.run === run.run
}

/** Whether anything may still go forward: not after a failed check, and not while going back. */
export function isUnderway(rollout: OpenRollout | undefined): rollout is Underway {
  return rollout?.phase === 'placing' || rollout?.phase === 'shifting' || rollout?.phase === 'promoting'
}

/** The candidate of a rollout in any phase; a reserved one has none yet. */
export function candidateOf(rollout: OpenRollout | undefined): Candidate | undefined {
  return rollout === undefined || rollout.phase === 'reserved' ? undefined : rollout.candidate
}

/** How a rollout is named to people. */
export function describeRollout(rollout: OpenRollout): string {
  const { owner, weight, openedAt } = rollout
  const what = candidateOf(rollout)?.release.version ?? 'no release yet'
  const where = owner.url === undefined ? '' : ` (${owner.url})`
  return `rollout of ${what} by run ${owner.run} of ${owner.repository}, attempt ${owner.attempt}${where}, ${PHASE_WORDS[rollout.phase]}at ${weight} % since ${openedAt}`
}

/** Between two steps nothing shifts: then the weight says all. */
const PHASE_WORDS: Record<OpenRollout['phase'], string> = {
  reserved: 'reserved ',
  placing: 'placing ',
  shifting: '',
  promoting: 'promoting ',
  failed: 'failed ',
  'going-back': 'going back ',
}
