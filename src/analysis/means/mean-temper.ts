import { meanOf, NO_VALUES, plus, varianceOf, type MeanSums } from './mean-sums.js'

/** Fewer differences between blocks say nothing of how much they vary. */
const FEWEST_DIFFERENCES = 5

/** As Temper, for means: half the mean squared difference of neighbouring means over the mean variance of a block's mean. */
export class MeanTemper {
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
    const variances = varianceOf(this.#all) * this.#spread
    if (this.#differences < FEWEST_DIFFERENCES || !(variances > 0)) return 1
    return Math.max(1, this.#squares / 2 / variances)
  }

  /** Adds a block of stable that has values. */
  add(block: MeanSums): void {
    if (this.#last !== undefined) {
      const difference = meanOf(block) - meanOf(this.#last)
      this.#differences += 1
      this.#squares += difference * difference
      this.#spread += (1 / block.count + 1 / this.#last.count) / 2
    }
    this.#last = block
    this.#all = plus(this.#all, block)
  }
}
