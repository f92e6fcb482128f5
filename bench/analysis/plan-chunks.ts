import { rows, type Row } from './rows.ts'
import type { Chunk } from './simulate-runs.ts'

/** Healthy releases in each weather, unless it is said how many. */
export const fullRuns = 20_000
export const quickRuns = 600

/** How many runs a row has where so many healthy releases are wanted: what costs more, or needs no small share, has fewer. */
export const runsOf = (healthyRuns: number, { rule, healthy, metric }: Row): number => {
  if (rule !== 'shipped') return Math.max(200, Math.round(healthyRuns / 10))
  if (metric === 'latency') return Math.max(100, Math.round(healthyRuns / (healthy ? 5 : 20)))
  return healthy ? healthyRuns : Math.max(200, Math.round(healthyRuns / 10))
}

/** So many runs are simulated at a time. */
const chunkSize = 100

export const planChunks = (healthyRuns: number, seed: number): readonly Chunk[] =>
  rows.flatMap((row) => {
    const all = runsOf(healthyRuns, row)
    return Array.from({ length: Math.ceil(all / chunkSize) }, (_, i) => ({
      rowId: row.id,
      seed,
      from: i * chunkSize,
      to: Math.min((i + 1) * chunkSize, all),
    }))
  })
