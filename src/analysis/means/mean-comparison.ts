import { meanEvidence } from './asymptotic-sequence.js'
import { mayTouch, type When } from '../e-value/last-run.js'
import { meanOf, minus, NO_VALUES, plus, varianceOf, type MeanSums } from './mean-sums.js'
import { logSum, type Starts, type Weighed } from '../e-value/sequential-evidence.js'

const { abs, floor, log, max, min, sqrt } = Math

/** Values of a side before its mean and variance are believed: the sequence holds asymptotically. */
export const FEWEST_VALUES = 50
/** Values that never differ would make any difference infinite evidence. */
const LEAST_ERROR = 1e-9

/** A bound of the candidate's mean, given stable's; `slope` is how much the bound moves with stable's mean. */
export interface MeanBound {
  (stable: number): { readonly bound: number; readonly slope: number }
}

/** Both sides' values in one block; `harm` is by how much the candidate's sum lies beyond the bound. */
interface Both {
  readonly candidate: MeanSums
  readonly stable: MeanSums
  readonly harm: number
}

const NOTHING: Both = { candidate: NO_VALUES, stable: NO_VALUES, harm: 0 }

/** What one start has seen: all, and the run of blocks that speaks most against the candidate and that one outage may touch. */
interface Start {
  readonly share: number
  all: Both
  worst: Both
  blocks: number
}

/**
 * Evidence that the candidate's mean lies beyond a bound, by the asymptotic sequence, with the same guards as
 * SequentialEvidence: without the worst run of blocks that one outage may touch, and started again later.
 */
export class MeanComparison {
  readonly #bound: MeanBound
  readonly #sign: 1 | -1
  readonly #alpha: number
  readonly #starts: Starts
  readonly #begun: Start[] = []
  #last: { readonly when: When; readonly block: Both }[] = []
  #first: When | undefined
  #blocks = 0
  #weighed: Weighed = 'nothing'
  /** Whether both sides ever had values enough to be compared, what one outage may touch left out. */
  #compared = false
  #due = 0
  #logE = 0
  #recent = 0

  /** @param sign 1 if more is harm, -1 if less is */
  constructor(bound: MeanBound, sign: 1 | -1, alpha: number, starts: Starts) {
    this.#bound = bound
    this.#sign = sign
    this.#alpha = alpha
    this.#starts = starts
  }

  get logE(): number {
    return this.#logE
  }

  /** What the newest blocks say by themselves, as many as one outage may touch. */
  get recent(): number {
    return this.#recent
  }

  get weighed(): Weighed {
    return this.#weighed === 'enough' && !this.#compared ? 'nothing' : this.#weighed
  }

  /**
   * @param stable of the block; none where the candidate runs alone
   * @param expected all that stable did before, for the bound that the block is held against
   * @param alone whether `expected` stands for a stable side that no longer runs
   */
  add(
    candidate: MeanSums,
    stable: MeanSums,
    expected: MeanSums,
    alone: boolean,
    temper: number,
    when: When,
  ): void {
    this.#begin(when.observedMs)
    const { bound } = this.#bound(meanOf(expected))
    const harm = this.#sign * (candidate.sum - candidate.count * bound)
    const block = { candidate, stable, harm }
    const runs = this.#runsEndingWith(block, when)
    for (const start of this.#begun) {
      start.blocks += 1
      start.all = together(start.all, block)
      const worst = runs[Math.min(start.blocks, runs.length) - 1] ?? block
      if (worst.harm > start.worst.harm) start.worst = worst
    }
    const record = alone ? expected : undefined
    this.#logE = this.#mixed(record, temper)
    const recent = { all: runs.at(-1) ?? block, worst: NOTHING }
    this.#recent = this.#evidenceOf(recent, record, temper) ?? 0
  }

  /** For each number of newest blocks that one outage may touch, the run of at most as many that speaks most against the candidate. */
  #runsEndingWith(block: Both, when: When): readonly Both[] {
    const earlier = this.#last.length
    const from = this.#last.findIndex((one, at) =>
      mayTouch(this.#starts.outageMs, one.when, when, earlier - 1 - at),
    )
    this.#last = [...(from < 0 ? [] : this.#last.slice(from)), { when, block }]
    this.#first ??= when
    const between = this.#blocks - 1
    this.#blocks += 1
    const isOneRun = between < 0 || mayTouch(this.#starts.outageMs, this.#first, when, between)
    if (this.#weighed !== 'enough') this.#weighed = isOneRun ? 'too-short' : 'enough'
    let run = NOTHING
    let worst: Both | undefined
    return this.#last.toReversed().map((one) => {
      run = together(run, one.block)
      worst = worst === undefined || run.harm > worst.harm ? run : worst
      return worst
    })
  }

  #begin(observedMs: number): void {
    const start = (share: number): Start => ({ share, all: NOTHING, worst: NOTHING, blocks: 0 })
    if (this.#begun.length === 0) this.#begun.push(start(1))
    const due = min(this.#starts.later, floor(observedMs / this.#starts.everyMs))
    if (!(due > this.#due)) return
    this.#begun.push(start(due - this.#due))
    this.#due = due
  }

  #mixed(record: MeanSums | undefined, temper: number): number {
    const { later } = this.#starts
    const [first, ...others] = this.#begun
    if (first === undefined) return 0
    const whole = this.#evidenceOf(first, record, temper)
    this.#compared ||= whole !== undefined
    if (later === 0) return whole ?? 0
    const terms = others.map(
      (start) => (this.#evidenceOf(start, record, temper) ?? 0) + log((0.5 * start.share) / later),
    )
    if (this.#due < later) terms.push(log((0.5 * (later - this.#due)) / later))
    return logSum([(whole ?? 0) + log(0.5), ...terms])
  }

  /** Undefined where a side has too few values to be compared. */
  #evidenceOf(
    { all, worst }: Pick<Start, 'all' | 'worst'>,
    record: MeanSums | undefined,
    temper: number,
  ): number | undefined {
    const candidate = minus(all.candidate, worst.candidate)
    const beside = minus(all.stable, worst.stable)
    const stable = beside.count < FEWEST_VALUES && record !== undefined ? record : beside
    const { bound, slope } = this.#bound(meanOf(stable))
    if (candidate.count < FEWEST_VALUES || (slope !== 0 && stable.count < FEWEST_VALUES)) return undefined
    const ofStable = slope === 0 ? 0 : (slope * slope * varianceOf(stable)) / stable.count
    const error = sqrt(temper * (varianceOf(candidate) / candidate.count + ofStable))
    const scale = max(abs(bound), abs(meanOf(candidate)), Number.MIN_VALUE)
    const distance = this.#sign * (meanOf(candidate) - bound)
    const count = candidate.count + (slope === 0 ? 0 : stable.count)
    return meanEvidence(distance, max(error, LEAST_ERROR * scale), count, this.#alpha)
  }
}

function together(one: Both, other: Both): Both {
  return {
    candidate: plus(one.candidate, other.candidate),
    stable: plus(one.stable, other.stable),
    harm: one.harm + other.harm,
  }
}
