import type { LatencySample } from '../../../rollout/ports/metric-source.js'
import type { Place, Split } from '../../../rollout/place.js'

/** Names one state of the split; opaque. The same split keeps its revision, every other one gets a new one. */
export type SplitRevision = string

/** One process that answers requests, on its own port. */
export interface Replica {
  /** Unique for each start of a process: an id that was let go never gets a request again. */
  readonly id: string
  readonly port: number
  /** The version label of the release that it runs; a label of the metrics. */
  readonly version: string
  /** Where it listens. Default: 127.0.0.1. */
  readonly host?: string
}

export interface ForwarderSettings {
  /** Address that the public port listens on. The places' own ports are on loopback always. */
  readonly host: string
  /** Cookie that keeps a client's bucket: `tuesday-bucket`. */
  readonly cookieName: string
  /** Header by which a tester names a place, whatever the weight: `x-tuesday-slot`. */
  readonly testerHeader: string
  /** Header whose value decides the bucket instead of the cookie (a user id), where a request has it. */
  readonly bucketHeader?: string
  /** The service's name, as a label of the Prometheus text. */
  readonly service?: string
  /** Its environment, as another: one Prometheus may scrape several. */
  readonly environment?: string
}

/** What is written: who gets what, and which place the buckets count from. */
export interface SplitState {
  readonly split: Split
  /** The place that clients with low buckets belong to; undefined while nothing is live. See candidate-side.ts. */
  readonly candidate: Place | undefined
  readonly revision: SplitRevision
}

export interface CountsQuery {
  readonly slot: Place
  /** Only what this version answered; every version of the slot without it. */
  readonly version?: string
  /** Wall time, milliseconds since 1970. Both ends are cut down to whole seconds, so windows side by side lose and double nothing. */
  readonly fromMs: number
  readonly toMs: number
}

/** What a place answered clients in a window, testers and its own port left out; at most the last 30 minutes are kept. */
export interface SlotCounts {
  /** Answers, whatever their status, those that we had to make for the place included. */
  readonly requests: number
  /** 5xx of the service, and those that we made because the place gave none; broken-off answers too. */
  readonly errors: number
  /** Answers by class of status: `2xx`. A client that went away first is `4xx`, as nginx's 499 is. */
  readonly classes: Readonly<Record<'1xx' | '2xx' | '3xx' | '4xx' | '5xx', number>>
  readonly latency: LatencySample
  /** Wall time from which on everything was counted: the start of this process, at most 30 minutes ago. */
  readonly knownSinceMs: number
}

/**
 * Forwards HTTP from one public port to the places by weight. Every change takes effect before its call returns:
 * no request begins on the side that lost its weight afterwards, and those in flight finish where they began.
 */
export interface Forwarder {
  /** Opens the public port (0: any free one) and returns it. Rejects with the system's error if it is taken. */
  listen(port: number): Promise<number>
  /** Opens a place's own address, which reaches that place alone; returns its port. */
  listenSlot(slot: Place, port: number): Promise<number>
  /**
   * Sets who gets what; percentages of at most two places, which sum to 100, or `{}`: nobody is served.
   * After a restart `candidate` is the one that was remembered with the split: the rule of candidate-side.ts goes
   * on from it as from the one before.
   */
  setSplit(split: Split, candidate?: Place): SplitRevision
  readonly splitState: SplitState
  /** The ready replicas of a place: they, and no others, get its new requests. */
  setReplicas(slot: Place, replicas: readonly Replica[]): void
  /** Ready replicas of a place, as requests would find them now. */
  ready(slot: Place): number
  /**
   * Sends a replica nothing more and resolves when its requests and websockets are done: then it may be stopped.
   * Requests that remain after `deadlineMs` are cut and counted; websockets are left to the process, which can say
   * goodbye to their clients when it is told to end (trap 23). An unknown replica has nothing to cut.
   */
  letGo(replicaId: string, deadlineMs: number): Promise<{ readonly cut: number }>
  /** Requests and websockets of a place that are still in flight, those of replicas that are let go included. */
  remaining(slot: Place): number
  counts(query: CountsQuery): SlotCounts
  /** Counters, gauges and histograms since the start, in Prometheus text format (version 0.0.4). */
  prometheus(): string
  /** Stops listening and cuts whatever is still open. */
  close(): Promise<void>
}
