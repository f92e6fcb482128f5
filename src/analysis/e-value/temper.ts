import type { Counts } from './closest-null.js'
import { PodDispersion, type PodCounts } from './pod-dispersion.js'

/** Fewer differences between blocks say nothing of how much they vary. */
const FEWEST_DIFFERENCES = 5

/**
 * Measures how much stable's blocks vary: 1 for independent requests, more for errors that come in bursts. Evidence is
 * divided by it. Half the mean squared difference of neighbouring shares over the mean binomial variance (von Neumann's
 * ratio) is blind to slow drift, which both sides share; where pods are told apart, their dispersion counts if it is larger.
 * Only stable's history and past blocks are asked: a candidate that is broken at times must not silence its own verdict.
 */
export class Temper {
  readonly #pods = new PodDispersion()
  #differences = 0
  #squares = 0
  /** Sum of the mean of 1/n of both neighbours: times p(1 − p) it is the sum of binomial variances. */
  #spread = 0

  /**
   * From what was added so far, at least 1.
   * @param share stable's share as far as it is known, 0 to 1
   */
  factor(share: number): number {
    return Math.max(1, this.#betweenBlocks(share), this.#pods.dispersion)
  }

  /** Adds two neighbouring blocks of stable, both with requests. */
  compare(one: Counts, other: Counts): void {
    const difference = one.bad / one.requests - other.bad / other.requests
    this.#differences += 1
    this.#squares += difference * difference
    this.#spread += (1 / one.requests + 1 / other.requests) / 2
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
    const variances = share * (1 - share) * this.#spread
    return variances > 0 ? this.#squares / 2 / variances : 1
  }
}
