import { meanOf, minus, NO_VALUES, plus, varianceOf, type MeanSums } from './mean-sums.js'
import { capped } from '../e-value/single-incident.js'
import { WorstStretch } from '../e-value/worst-stretch.js'

/** Fewer differences between blocks say nothing of how much they vary. */
const FEWEST_DIFFERENCES = 5

/** As Temper, for means: half the mean squared difference of neighbouring means over the mean variance of a block's mean. */
export class MeanTemper {
  readonly #worst = new WorstStretch<MeanSums>(plus)
  #all = NO_VALUES
  #last: MeanSums | undefined
  #differences = 0
  #squares = 0
  #spread = 0

  /** All that was added. */
  get sums(): MeanSums {
    return this.#all
  }

  /** At least 1. */
  get factor(): number {
    if (this.#differences < FEWEST_DIFFERENCES) return 1
    return Math.max(1, capped(ratio(this.#squares, this.#spread, this.#all), this.#withoutTheWorst()))
  }

  /** Adds a block of stable that has values; `fromMs` is when it began. */
  add(block: MeanSums, fromMs: number): void {
    if (this.#last !== undefined) {
      const difference = meanOf(block) - meanOf(this.#last)
      const squares = difference * difference
      const spread = (1 / block.count + 1 / this.#last.count) / 2
      this.#differences += 1
      this.#squares += squares
      this.#spread += spread
      this.#worst.add({ fromMs, squares, spread, sums: block })
    }
    this.#last = block
    this.#all = plus(this.#all, block)
  }

  #withoutTheWorst(): number | undefined {
    const worst = this.#worst.leftOut
    if (worst === undefined) return undefined
    const rest = minus(this.#all, worst.sums)
    return Math.max(1, ratio(this.#squares - worst.squares, this.#spread - worst.spread, rest))
  }
}

/** Von Neumann's ratio; 1 where nothing can vary. */
function ratio(squares: number, spread: number, sums: MeanSums): number {
  const variances = varianceOf(sums) * spread
  return variances > 0 ? squares / 2 / variances : 1
}
