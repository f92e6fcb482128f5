/** Time, as the core sees it. Deadlines use the monotonic part, records the wall part. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number
  /** The runner's wall clock. A ledger store that knows its target's time is preferred over it. */
  wallTime(): Date
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
