import type { Counts } from './closest-null.js'
import { PodDispersion, type PodCounts } from './pod-dispersion.js'
import { capped } from './single-incident.js'
import { WorstStretch } from './worst-stretch.js'

/** Fewer differences between blocks say nothing of how much they vary. */
const FEWEST_DIFFERENCES = 5

/**
 * Measures how much stable's blocks vary: 1 for independent requests, more for errors that come in bursts. Evidence is
 * divided by it. Half the mean squared difference of neighbouring shares over the mean binomial variance (von Neumann's
 * ratio) is blind to slow drift, which both sides share; where pods are told apart, their dispersion counts if it is larger.
 * Only stable's history and past blocks are asked: a candidate that is broken at times must not silence its own verdict. Nor
 * must one incident of stable: what its worst minute adds is capped, its errors being left out of the share too.
 */
export class Temper {
  readonly #pods = new PodDispersion()
  readonly #worst = new WorstStretch<Counts>(together)
  #differences = 0
  #squares = 0
  /** Sum of the mean of 1/n of both neighbours: times p(1 − p) it is the sum of binomial variances. */
  #spread = 0
  /** All blocks that were compared. */
  #sums: Counts = { requests: 0, bad: 0 }

  /**
   * From what was added so far, at least 1.
   * @param share stable's share as far as it is known, 0 to 1
   */
  factor(share: number): number {
    return Math.max(1, this.#betweenBlocks(share), this.#pods.dispersion)
  }

  /** Adds two neighbouring blocks of stable, both with requests; `fromMs` is when the other began. */
  compare(one: Counts, other: Counts, fromMs: number): void {
    const difference = one.bad / one.requests - other.bad / other.requests
    const squares = difference * difference
    const spread = (1 / one.requests + 1 / other.requests) / 2
    this.#differences += 1
    this.#squares += squares
    this.#spread += spread
    this.#sums = together(this.#differences === 1 ? one : this.#sums, other)
    this.#worst.add({ fromMs, squares, spread, sums: other })
  }

  /** Adds what stable's pods did in one block. */
  addPods(pods: readonly PodCounts[], fromMs: number): void {
    this.#pods.add(pods, fromMs)
  }

  /** What pods are counted by has changed: what is still open cannot be added to. */
  forgetOpenPods(): void {
    this.#pods.forgetOpen()
  }

  #betweenBlocks(share: number): number {
    if (this.#differences < FEWEST_DIFFERENCES) return 1
    return capped(ratio(this.#squares, this.#spread, share), this.#withoutTheWorst())
  }

  #withoutTheWorst(): number | undefined {
    const worst = this.#worst.leftOut
    if (worst === undefined) return undefined
    const requests = this.#sums.requests - worst.sums.requests
    const share = (this.#sums.bad - worst.sums.bad + 0.5) / (requests + 1)
    return Math.max(1, ratio(this.#squares - worst.squares, this.#spread - worst.spread, share))
  }
}

/** Von Neumann's ratio; 1 where nothing can vary. */
function ratio(squares: number, spread: number, share: number): number {
  const variances = share * (1 - share) * spread
  return variances > 0 ? squares / 2 / variances : 1
}

function together(one: Counts, other: Counts): Counts {
  return { requests: one.requests + other.requests, bad: one.bad + other.bad }
}
