/** ln of the chance of at most `k` of `n`, each with the chance `p`. */
const chanceOfAtMost = (k: number, n: number, p: number): number => {
  let log = n * Math.log1p(-p)
  let sum = Math.exp(log)
  for (let i = 0; i < k; i++) {
    log += Math.log(((n - i) / (i + 1)) * (p / (1 - p)))
    sum += Math.exp(log)
  }
  return sum
}

/** The share at which a falling condition turns, by halving. */
const turning = (holds: (share: number) => boolean): number => {
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return low
}

/** Clopper's and Pearson's upper bound of a share, exact and one-sided: it is below it with 95 % confidence. */
export const upperBound = (count: number, runs: number): number =>
  count >= runs ? 1 : turning((share) => chanceOfAtMost(count, runs, share) > 0.05)

/** The lower bound, likewise. */
export const lowerBound = (count: number, runs: number): number =>
  count <= 0 ? 0 : turning((share) => 1 - chanceOfAtMost(count - 1, runs, share) < 0.05)

/**
 * Between which of the values the median lies with 95 % confidence, whatever their distribution: so many of them lie below it as a
 * fair coin shows heads. Infinity counts as any other.
 */
export const medianBetween = (values: readonly number[]): readonly [low: number, high: number] => {
  const sorted = values.toSorted((one, other) => one - other)
  const off = 0.98 * Math.sqrt(values.length)
  const low = Math.max(0, Math.floor(values.length / 2 - off) - 1)
  const high = Math.min(values.length - 1, Math.ceil(values.length / 2 + off))
  return [sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN]
}
