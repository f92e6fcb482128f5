import type { Level } from './rows.ts'

/** What the shipped judge must keep, and what the text prints beside each figure. */
export const targets = {
  /** Share of healthy releases that are failed, at the upper end of a one-sided interval of 95 %. */
  falseFail: 0.001,
  /** Seconds, for +0.5, +1, +2 and +5 points at 0.1 %, and +1, +2 and +5 at 1 %. */
  medianSeconds: { '0.1%': [440, 180, 90, 40], '1%': [770, 220, 70] } satisfies Record<
    Level,
    readonly number[]
  >,
  /** Seconds until p95 +20 % is failed, by sigma. */
  p95Seconds: { '0.5': 160, '1': 480 },
  /** Milliseconds for a look of one metric. */
  lookMs: 1,
  /** Megabytes that a bake of 30 min with 5 metrics and 200 pods keeps. */
  bakeMB: 100,
} as const
