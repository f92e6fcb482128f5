import type { Random } from './random.ts'

/** The chance of at most 0, 1, 2 … of `n` requests, as far as it is worth a step of the random numbers. */
const cumulative = (n: number, share: number): Float64Array => {
  const sums: number[] = []
  let chance = (1 - share) ** n
  let sum = chance
  for (let k = 0; k <= n; k++) {
    sums.push(sum)
    if (sum > 1 - 1e-12) break
    chance *= ((n - k) / (k + 1)) * (share / (1 - share))
    sum += chance
  }
  return Float64Array.from(sums)
}

const tables = new Map<number, Map<number, Float64Array>>()

const tableOf = (n: number, share: number): Float64Array => {
  const ofShare = tables.get(share) ?? new Map<number, Float64Array>()
  tables.set(share, ofShare)
  const table = ofShare.get(n) ?? cumulative(n, share)
  ofShare.set(n, table)
  return table
}

/** How many of `n` requests are of a kind that each is with the chance `share`. For shares that come again and again. */
export const binomial = (random: Random, n: number, share: number): number => {
  if (share <= 0 || n === 0) return 0
  if (share >= 1) return n
  const table = tableOf(n, share)
  const drawn = random.next()
  let [low, high] = [0, table.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((table[middle] ?? 1) > drawn) high = middle
    else low = middle + 1
  }
  return low
}

/** The same for a share that is needed once. */
export const binomialOnce = (random: Random, n: number, share: number): number => {
  let count = 0
  for (let i = 0; i < n; i++) if (random.next() < share) count += 1
  return count
}
