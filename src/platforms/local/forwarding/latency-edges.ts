/** Upper edges of the latency histogram, in milliseconds; fine where a 40 ms regression must show. */
export const LATENCY_EDGES_MS: readonly number[] = [
  1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 125, 150, 200, 250, 300, 400, 500, 750, 1_000,
  1_500, 2_000, 3_000, 5_000, 10_000,
]

/** Which count a latency belongs to: the first edge that it does not exceed, else the last count, which has none. */
export function latencyIndex(ms: number): number {
  let low = 0
  let high = LATENCY_EDGES_MS.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ms <= (LATENCY_EDGES_MS[middle] ?? Infinity)) high = middle
    else low = middle + 1
  }
  return low
}
