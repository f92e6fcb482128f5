import type { Counts } from '../e-value/closest-null.js'

const { log } = Math

/** Half a bad request is added, so that a stable side without errors is not taken for one that can have none. */
export function expectedShare({ requests, bad }: Counts): number | undefined {
  return requests === 0 ? undefined : (bad + 0.5) / (requests + 1)
}

/**
 * The largest share that what was recorded of stable still allows, by Chernoff's bound n·KL(p̂‖p) ≤ ln(1/chance): where
 * stable no longer runs beside the candidate, this stands for it.
 * @param chance that stable's true share lies above, 0 to 1
 * @param temper by how much stable's blocks vary more than independent requests would
 */
export function largestShare({ requests, bad }: Counts, chance: number, temper: number): number {
  if (requests === 0) return 1
  const seen = bad / requests
  const allowed = (temper * log(1 / chance)) / requests
  let [low, high] = [seen, 1]
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (divergence(seen, middle) > allowed) high = middle
    else low = middle
  }
  return high
}

/** KL(p‖q) of two shares. */
function divergence(p: number, q: number): number {
  const part = (one: number, other: number) => (one === 0 ? 0 : one * log(one / other))
  return part(p, q) + part(1 - p, 1 - q)
}
