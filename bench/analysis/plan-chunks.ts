import { rows, type Row } from './rows.ts'
import type { Chunk } from './simulate-runs.ts'

/** How many runs each row has. */
export type Extent = 'quick' | 'full'

const runs = {
  quick: {
    errors: { healthy: 600, regression: 200 },
    latency: { healthy: 100, regression: 100 },
    peers: 200,
  },
  full: {
    errors: { healthy: 20_000, regression: 2_000 },
    latency: { healthy: 4_000, regression: 1_000 },
    peers: 2_000,
  },
} as const

export const runsOf = (extent: Extent, { rule, healthy, metric }: Row): number => {
  if (rule !== 'shipped') return runs[extent].peers
  return runs[extent][metric][healthy ? 'healthy' : 'regression']
}

/** So many runs are simulated at a time. */
const chunkSize = 100

export const planChunks = (extent: Extent, seed: number): readonly Chunk[] =>
  rows.flatMap((row) => {
    const all = runsOf(extent, row)
    return Array.from({ length: Math.ceil(all / chunkSize) }, (_, i) => ({
      rowId: row.id,
      seed,
      from: i * chunkSize,
      to: Math.min((i + 1) * chunkSize, all),
    }))
  })
