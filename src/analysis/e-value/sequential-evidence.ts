import { LastRun, mayTouch, type When } from './last-run.js'

// Looked up once: these run some thousand times for each block.
const { ceil, exp, floor, log, max, min } = Math

const MINUTE_MS = 60_000
/** Later starts at most: a hold of more than an hour is started again every two minutes, and so on. */
const MOST_STARTS = 60

/** At which moments of a hold the evidence is started again, for a regression that begins late, and which outage may not decide. */
export interface Starts {
  /** How many later starts there are; each weighs the same, all of them half. */
  readonly later: number
  /** Milliseconds of observation between them. */
  readonly everyMs: number
  /** How long an outage of the candidate may last that must not decide, in milliseconds. Two adjacent blocks never do. */
  readonly outageMs: number
}

/** One start at each later minute of the longest hold that is planned; both in milliseconds. */
export function startsWithin(longestHoldMs: number, outageMs = 0): Starts {
  const minutes = max(1, ceil(longestHoldMs / MINUTE_MS))
  const every = ceil(minutes / (MOST_STARTS + 1))
  return { later: ceil(minutes / every) - 1, everyMs: every * MINUTE_MS, outageMs }
}

/** Evidence that is never started again. */
export const ONE_START: Starts = { later: 0, everyMs: MINUTE_MS, outageMs: 0 }

/** Whether nothing was ever compared, no more than one outage may touch, or more. */
export type Weighed = 'nothing' | 'too-short' | 'enough'

/**
 * ln E of a mixture of alternatives over all blocks: evidence that may be looked at as often as one likes, since under the
 * null it ever exceeds ln(1/alpha) with a chance of at most alpha (Ville). Two guards keep that guarantee:
 * - no single outage may decide (an outage of a moment is no regression): from each sum the best run of adjacent blocks
 *   is taken away that one outage may touch, which is two blocks at least;
 * - it is started again at each later minute of the longest hold, E = ½·E₀ + ½·mean of the later ones, each 1 before
 *   its start.
 * A block costs as much as there are alternatives times starts, however many there were before it.
 */
export class SequentialEvidence {
  readonly #weights: readonly number[]
  readonly #starts: Starts
  /** How many of the planned starts each sum stands for: several begin together where blocks are long. */
  readonly #shares: number[] = []
  /** How many blocks each start has seen. */
  readonly #seen: number[] = []
  /** For each start and alternative: the sum, and the most that a run of blocks brought to it which one outage may touch. */
  readonly #sums: Float64Array
  readonly #best: Float64Array
  readonly #lastRun: LastRun
  /** The first block that told anything, and how many came since. */
  #first: { readonly when: When; blocks: number } | undefined
  #weighed: Weighed = 'nothing'
  #begun = 0
  #logE = 0

  constructor(weights: readonly number[], starts: Starts) {
    this.#weights = weights
    this.#starts = starts
    const size = weights.length * (1 + starts.later)
    this.#sums = new Float64Array(size)
    this.#best = new Float64Array(size)
    this.#lastRun = new LastRun(weights.length, starts.outageMs)
  }

  /** As of the last block; 0 before the first. */
  get logE(): number {
    return this.#logE
  }

  /** What the newest blocks say by themselves, as many as one outage may touch: ln of what they would be worth if they counted. */
  get recent(): number {
    const logs = this.#weights.map((weight, i) => log(weight) + this.#lastRun.best(i, Infinity))
    return logSum(logs)
  }

  /** Whether anything is left when the best run of blocks is taken away. */
  get weighed(): Weighed {
    return this.#weighed
  }

  /**
   * @param logs ln e of the block for each alternative
   * @param tells whether there was anything to compare
   */
  add(logs: readonly number[], when: When, tells = true): void {
    this.#begin(when.observedMs)
    this.#lastRun.add(logs, when)
    this.#note(when, tells)
    const alternatives = this.#weights.length
    for (let start = 0; start < this.#shares.length; start++) {
      const seen = (this.#seen[start] ?? 0) + 1
      this.#seen[start] = seen
      for (let i = 0; i < alternatives; i++) {
        const at = start * alternatives + i
        const log = logs[i] ?? 0
        this.#sums[at] = (this.#sums[at] ?? 0) + log
        this.#best[at] = max(this.#best[at] ?? 0, this.#lastRun.best(i, seen))
      }
    }
    this.#logE = this.#mixed()
  }

  #note(when: When, tells: boolean): void {
    if (this.#first !== undefined) this.#first.blocks += 1
    else if (tells) this.#first = { when, blocks: 1 }
    if (!tells || this.#first === undefined || this.#weighed === 'enough') return
    const { blocks, when: first } = this.#first
    const isOneRun = blocks === 1 || mayTouch(this.#starts.outageMs, first, when, blocks - 2)
    this.#weighed = isOneRun ? 'too-short' : 'enough'
  }

  /** The first start begins with the first block, each later one with the first block that begins after its moment. */
  #begin(observedMs: number): void {
    if (this.#shares.length === 0) this.#shares.push(1)
    const due = min(this.#starts.later, floor(observedMs / this.#starts.everyMs))
    if (!(due > this.#begun)) return
    this.#shares.push(due - this.#begun)
    this.#begun = due
  }

  #mixed(): number {
    const { later } = this.#starts
    const alternatives = this.#weights.length
    let largest = 0
    for (let at = 0; at < this.#shares.length * alternatives; at++) {
      largest = max(largest, (this.#sums[at] ?? 0) - (this.#best[at] ?? 0))
    }
    // The starts still to come have seen nothing yet: their evidence is 1.
    let sum = later === 0 ? 0 : 0.5 * ((later - this.#begun) / later) * exp(-largest)
    for (const [start, share] of this.#shares.entries()) {
      let each = 0
      for (let i = 0; i < alternatives; i++) {
        const at = start * alternatives + i
        each += (this.#weights[i] ?? 0) * exp((this.#sums[at] ?? 0) - (this.#best[at] ?? 0) - largest)
      }
      sum += each * (later === 0 ? 1 : start === 0 ? 0.5 : (0.5 * share) / later)
    }
    return largest + log(max(sum, Number.MIN_VALUE))
  }
}

/** ln of the sum of exponentials, without overflow. */
export function logSum(logs: readonly number[]): number {
  const largest = max(...logs)
  if (!Number.isFinite(largest)) return largest
  return largest + log(logs.reduce((sum, log) => sum + exp(log - largest), 0))
}
