import type { Random } from './random.ts'

/** The standard normal distribution's share below x: the series φ(x)·(x + x³/3 + x⁵/15 + …). */
export const normalShare = (x: number): number => {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0
  let term = x
  let sum = x
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (x * x) / odd
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}

/** Its inverse, by halving. */
export const normalQuantile = (share: number): number => {
  let [low, high] = [-8, 8]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (normalShare(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const guides = 1024

/** Draws the bucket of a lognormal latency: the first whose cumulative share is above a random number. */
export const bucketDraw = (
  medianMs: number,
  sigma: number,
  edgesMs: readonly number[],
): ((random: Random) => number) => {
  const shares = Float64Array.from(edgesMs, (edge) => normalShare(Math.log(edge / medianMs) / sigma))
  const bucketFor = (drawn: number, from: number): number => {
    let bucket = from
    while (bucket < shares.length && (shares[bucket] ?? 1) <= drawn) bucket += 1
    return bucket
  }
  // Where the search begins, for each 1024th.
  const begins = Uint16Array.from({ length: guides }, (_, i) => bucketFor(i / guides, 0))
  return (random) => {
    const drawn = random.next()
    return bucketFor(drawn, begins[Math.floor(drawn * guides)] ?? 0)
  }
}
