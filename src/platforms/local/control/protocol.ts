import type { Place, Side, Slot, Split } from '../../../rollout/place.js'
import type { AttemptId, Health, Observed, Progress } from '../../../rollout/ports/platform.js'
import type { RouterReading, RouterRevision } from '../../../rollout/ports/router.js'
import type { Release } from '../../../rollout/release.js'
import type { CountsQuery, SlotCounts } from '../forwarding/forwarder.js'
import type { LaunchSpec } from '../launch.js'

/**
 * What a step and the supervisor say to each other over the control socket: one JSON document a line. A request has
 * an id that its answers carry. Every command may be sent again after a kill of either side.
 */
export const PROTOCOL = 1

/** The ports of a service. Fixed when first given; 0 or absent means: choose and remember. */
export interface Network {
  readonly host: string
  readonly port: number
  readonly slotPorts: { readonly blue?: number; readonly green?: number }
  readonly metricsPort?: number
}

/** The addresses that the supervisor listens on. */
export interface Addresses {
  /** The public one, under which clients ask the service. */
  readonly public: string
  readonly slots: Readonly<Record<Slot, string>>
  readonly metrics?: string
}

export interface Welcome {
  readonly protocol: number
  readonly pid: number
  readonly addresses: Addresses
  /** Names of variables whose values the supervisor lost with its former life and needs again (`provide`). */
  readonly missing: readonly string[]
}

/** A release that is to be started: its copy, how it is run, and the values of its `envFrom`. */
export interface FreshRelease {
  readonly releaseKey: string
  readonly launch: LaunchSpec
  readonly values: Readonly<Record<string, string>>
  readonly displacing: Displacing
}

/**
 * What happens to the release that is there. `at-once`: it leaves while the new one comes (a slot without traffic).
 * `ready-first`: each of its replicas leaves when one of the new release is ready, and it stays if that fails (rolling).
 * `stop-first`: the new one is started when nothing of it is left (recreate).
 */
export type Displacing = 'at-once' | 'ready-first' | 'stop-first'

/** Every command with what it is given and what it answers. */
export interface Commands {
  /** First of each connection. Starts to listen; refused if other ports are asked for than those that are served. */
  hello: { given: { protocol: number; network: Network }; answer: Welcome }
  /** Values of variables named in `envFrom`; kept in memory only. */
  provide: { given: { values: Readonly<Record<string, string>> }; answer: null }
  /**
   * Brings a release up at full size. Without `fresh` only if it is placed there already, else the answer is null: the
   * step then makes a copy of the release and comes again with it.
   */
  place: {
    given: { place: Place; release: Release; fresh?: FreshRelease }
    /** The key is that of the copy that runs: an earlier one, if this release was placed already. */
    answer: { attempt: AttemptId; releaseKey: string } | null
  }
  progress: { given: { place: Place; attempt: AttemptId }; answer: Progress }
  observe: { given: Record<string, never>; answer: Observed }
  /** A stream: the health of a place at once and whenever it changes, until the connection is closed. */
  watch: { given: { place: Place }; answer: Health }
  lastWords: { given: { place: Place }; answer: readonly string[] }
  scale: { given: { place: Place; replicas: number }; answer: null }
  /** Answers when nothing of the place is left, which takes up to `drain` and `grace`. */
  retire: { given: { place: Place }; answer: null }
  attach: { given: { place: Place }; answer: null }
  readSplit: { given: Record<string, never>; answer: RouterReading }
  writeSplit: { given: { split: Split; ifMatch?: RouterRevision }; answer: { revision: RouterRevision } }
  effective: { given: { revision: RouterRevision }; answer: 'yes' | 'not-yet' | 'unknown' }
  healthy: { given: { place: Place }; answer: number }
  remaining: { given: { side: Side }; answer: number }
  /** What one place answered in a window, as the router counted it. */
  counts: { given: CountsQuery; answer: SlotCounts }
  /** Prometheus text. */
  metrics: { given: Record<string, never>; answer: string }
  /** The supervisor's time, milliseconds since 1970: windows of `counts` are cut by it. */
  time: { given: Record<string, never>; answer: number }
  /** Keys of copied releases that are placed or running now: they are not to be removed. */
  releasesInUse: { given: Record<string, never>; answer: readonly string[] }
  /**
   * Begins to drain and stop everything. When the supervisor closes the connection nothing of it is left; what was placed
   * is started again with the next one.
   */
  shutdown: { given: Record<string, never>; answer: null }
}

export type CommandName = keyof Commands

export interface Request<Name extends CommandName = CommandName> {
  readonly id: number
  readonly command: Name
  readonly given: Commands[Name]['given']
}

/** How an error came about, so that the other side can throw the same kind. */
export type FailureKind = 'user' | 'conflict' | 'transient' | 'internal'

export type Answer =
  | { readonly id: number; readonly answer: unknown; readonly more?: true }
  | { readonly id: number; readonly failure: { kind: FailureKind; message: string; hint?: string } }

/** Longest line that either side takes, in bytes: a peer that sends more is not ours. */
export const LINE_LIMIT = 4 * 1024 * 1024
