/**
 * What is tolerated of the candidate where nothing is said of it: for shares a quarter more than stable, or 0.05 points more,
 * whichever is more; for latencies a tenth more. Of files for the judge and of rollout.yml alike.
 */
export const DEFAULT_TOLERANCE = {
  /** As a multiple of stable. */
  shareRatio: 1.25,
  /** More than stable, as a share from 0 to 1. */
  shareMore: 0.0005,
  /** As a multiple of stable. */
  latencyRatio: 1.1,
} as const
