import type { Alternative } from './block-evidence.js'

// Looked up once: these run some thousand times in each look.
const { exp, floor, log, max } = Math

/** What one block says for each alternative, as ln e. */
export interface BlockLogs {
  readonly fromMs: number
  readonly logs: readonly number[]
}

const MINUTE_MS = 60_000

/**
 * ln E over all blocks: evidence that may be looked at as often as one likes, since under the null it ever exceeds
 * ln(1/alpha) with a chance of at most alpha (Ville). Two guards keep that guarantee and only make it smaller or
 * quicker: no two adjacent blocks may decide (an outage of a moment is no regression), and it is started again at each
 * minute, for a regression that begins late.
 */
export function sequentialEvidence(
  blocks: readonly BlockLogs[],
  alternatives: readonly Alternative[],
): number {
  const first = blocks[0]
  if (first === undefined) return 0
  const sums = alternatives.map((_, index) => guardedSums(blocks.map(({ logs }) => logs[index] ?? 0)))
  const from = (start: number) =>
    logSum(alternatives.map(({ weight }, index) => log(weight) + (sums[index]?.[start] ?? 0)))
  const terms = [log(0.5) + from(0)]
  let minute = 1
  for (const [start, block] of blocks.entries()) {
    if (start === 0 || block.fromMs - first.fromMs < minute * MINUTE_MS) continue
    const next = floor((block.fromMs - first.fromMs) / MINUTE_MS) + 1
    terms.push(log(0.5 * shareOfStarts(minute, next)) + from(start))
    minute = next
  }
  // The starts still to come have seen nothing yet: their evidence is 1.
  terms.push(log(0.5 / minute))
  return logSum(terms)
}

/** The k-th minute weighs 1/(k(k+1)), so that all of them, without end, weigh 1. */
function shareOfStarts(from: number, before: number): number {
  return 1 / from - 1 / before
}

/** For each start the sum of all blocks from there on, less the best block or two adjacent ones. */
function guardedSums(logs: readonly number[]): readonly number[] {
  const sums = new Array<number>(logs.length)
  let sum = 0
  let best = 0
  let after = 0
  for (let i = logs.length - 1; i >= 0; i--) {
    const log = logs[i] ?? 0
    sum += log
    best = max(best, log, log + after)
    after = log
    sums[i] = sum - best
  }
  return sums
}

/** ln of the sum of exponentials, without overflow. */
export function logSum(logs: readonly number[]): number {
  const largest = max(...logs)
  if (!Number.isFinite(largest)) return largest
  return largest + log(logs.reduce((sum, log) => sum + exp(log - largest), 0))
}
