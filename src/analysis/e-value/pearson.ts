import type { PodCounts } from './pod-dispersion.js'
import { capped } from './single-incident.js'

/** Fewer degrees of freedom say nothing of how much pods differ. */
const FEWEST_DEGREES = 5
/** Of fewer pods than this each is too large a part of what they show to be left out. */
const FEWEST_PODS = 10

/** Pearson's chi² and its degrees of freedom. */
interface Fit {
  readonly chiSquare: number
  readonly degrees: number
}

/** Where no request was bad, or all were, there is nothing in which pods could differ. */
const NOTHING: Fit = { chiSquare: 0, degrees: 0 }

/**
 * How much pods differ over several comparisons: Pearson's chi² over its degrees of freedom. A single pod must not decide it, be
 * it broken throughout: what the one adds without which they differ least is capped. Chi² is (Σ bad²/n − B²/N) / (p(1 − p)), p = B/N, so
 * that without one pod it takes no other sum over the pods.
 */
export class Pearson {
  #all = NOTHING
  /** By pod: how much less all would be without it. */
  readonly #less = new Map<string, { chiSquare: number; degrees: number }>()
  #dispersion: number | undefined

  /** Less the standard error for equal pods, sqrt(2/df); 0 before enough was seen. */
  get dispersion(): number {
    return (this.#dispersion ??= this.#measured())
  }

  compare(pods: readonly PodCounts[]): void {
    const sums = { pods: pods.length, requests: 0, bad: 0, squares: 0 }
    for (const { requests, bad } of pods) {
      sums.requests += requests
      sums.bad += bad
      sums.squares += (bad * bad) / requests
    }
    const fit = fitOf(sums)
    if (fit.degrees === 0) return
    this.#dispersion = undefined
    this.#all = { chiSquare: this.#all.chiSquare + fit.chiSquare, degrees: this.#all.degrees + fit.degrees }
    if (pods.length < FEWEST_PODS) return
    for (const { pod, requests, bad } of pods) {
      const others = fitOf({
        pods: sums.pods - 1,
        requests: sums.requests - requests,
        bad: sums.bad - bad,
        squares: sums.squares - (bad * bad) / requests,
      })
      const less = this.#less.get(pod) ?? { chiSquare: 0, degrees: 0 }
      less.chiSquare += fit.chiSquare - others.chiSquare
      less.degrees += fit.degrees - others.degrees
      this.#less.set(pod, less)
    }
  }

  #measured(): number {
    const { chiSquare, degrees } = this.#all
    if (degrees < FEWEST_DEGREES) return 0
    const all = chiSquare / degrees
    return Math.max(0, capped(all, this.#withoutTheWorst()) - Math.sqrt(2 / degrees))
  }

  /** Where nothing is left without a pod, the others do not differ. */
  #withoutTheWorst(): number | undefined {
    let least = Infinity
    for (const { chiSquare, degrees } of this.#less.values()) {
      const left = this.#all.degrees - degrees
      least = Math.min(least, left > 0 ? (this.#all.chiSquare - chiSquare) / left : 0)
    }
    return least === Infinity ? undefined : Math.max(1, least)
  }
}

function fitOf({
  pods,
  requests,
  bad,
  squares,
}: {
  readonly pods: number
  readonly requests: number
  readonly bad: number
  /** Sum of bad²/n over the pods. */
  readonly squares: number
}): Fit {
  if (pods < 2 || !(bad > 0) || !(bad < requests)) return NOTHING
  const share = bad / requests
  const chiSquare = Math.max(0, squares - bad * share) / (share * (1 - share))
  return { chiSquare, degrees: pods - 1 }
}
