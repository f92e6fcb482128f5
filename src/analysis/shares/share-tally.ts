import type { Counts } from '../e-value/closest-null.js'

export const NO_REQUESTS: Counts = { requests: 0, bad: 0 }

export function sumOf(one: Counts, other: Counts): Counts {
  return { requests: one.requests + other.requests, bad: one.bad + other.bad }
}

/** Both sides at one weight, and what was expected of stable when it began. */
export interface ShareTally {
  readonly stable: Counts
  readonly candidate: Counts
  /** Stable's share as guessed before the first of these counts; undefined without a past. */
  readonly expected: number | undefined
}
