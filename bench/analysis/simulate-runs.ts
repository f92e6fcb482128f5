import { randomFrom } from './random.ts'
import { rows, wayOf } from './rows.ts'
import type { Shipped } from './shipped.ts'

/** Some runs of a row. Every run has random numbers of its own, so it does not matter who simulates it. */
export interface Chunk {
  readonly rowId: string
  readonly seed: number
  readonly from: number
  readonly to: number
}

/** Seconds until each run was failed; Infinity if it never was. */
export const simulateRuns = (shipped: Shipped, { rowId, seed, from, to }: Chunk): number[] => {
  const row = rows.find(({ id }) => id === rowId)
  if (row === undefined) throw new Error(`there is no row ${rowId}`)
  const way = wayOf(shipped, row)
  return Array.from({ length: to - from }, (_, i) =>
    way(row.traffic(randomFrom(`${seed} ${rowId} ${from + i}`))),
  )
}
