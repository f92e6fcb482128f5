import type { Verdict } from './ports/judge.js'

/** What one side did in the time that an entry speaks of. */
export interface SideFigures {
  readonly requests: number
  /** Bad ones among them, where errors are counted. */
  readonly errors?: number
  /** 95th percentile of the latency in milliseconds, where latency is counted. */
  readonly p95Ms?: number
}

/** One thing that happened in a rollout, for the summary and for the ledger. */
export interface TimelineEntry {
  /** ISO 8601, in the time of the ledger's target where it tells one. */
  readonly at: string
  /** One short sentence. */
  readonly what: string
  /** The candidate's weight from then on, in percent of all requests. */
  readonly weight?: number
  readonly stable?: SideFigures
  readonly candidate?: SideFigures
  readonly verdict?: Verdict
  readonly reason?: string
}

/** Entries kept for one rollout; the oldest in the middle are dropped first, the opening is kept. */
export const TIMELINE_LIMIT = 60

/** Adds an entry, bounded: the first ten entries say how it began and are never dropped. */
export function withEntry(
  timeline: readonly TimelineEntry[],
  entry: TimelineEntry,
): readonly TimelineEntry[] {
  const longer = [...timeline, entry]
  if (longer.length <= TIMELINE_LIMIT) return longer
  return [...longer.slice(0, 10), ...longer.slice(longer.length - (TIMELINE_LIMIT - 10))]
}
