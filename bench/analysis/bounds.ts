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
