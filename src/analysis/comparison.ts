import { limitEvidence, pairEvidence, type Alternative, type Pair } from './e-value/block-evidence.js'
import { boundAt, type Counts, type Null } from './e-value/closest-null.js'
import type { When } from './e-value/last-run.js'
import { SequentialEvidence, type Starts, type Weighed } from './e-value/sequential-evidence.js'

/** Stable's record stands for a stable side that no longer runs. */
export interface Record {
  /** The largest share that stable may have by its record, 0 to 1. */
  readonly largest: number
  readonly temper: number
}

/** Evidence that the candidate's share is worse than stable's by more than any of several nulls tolerates. */
export class Comparison {
  readonly #alternatives: readonly Alternative[]
  readonly #against: readonly { readonly nul: Null; readonly evidence: SequentialEvidence }[]

  constructor(nulls: readonly Null[], alternatives: readonly Alternative[], starts: Starts) {
    const weights = alternatives.map(({ weight }) => weight)
    this.#alternatives = alternatives
    this.#against = nulls.map((nul) => ({ nul, evidence: new SequentialEvidence(weights, starts) }))
  }

  /** ln E. All nulls must be broken, so the weakest evidence counts. */
  get logE(): number {
    let least = Infinity
    for (const { evidence } of this.#against) least = Math.min(least, evidence.logE)
    return least
  }

  /** What the newest blocks say by themselves, as in SequentialEvidence. */
  get recent(): number {
    return Math.min(Infinity, ...this.#against.map(({ evidence }) => evidence.recent))
  }

  get weighed(): Weighed {
    return this.#against[0]?.evidence.weighed ?? 'nothing'
  }

  /** A block of both sides. */
  add(pair: Pair, when: When): void {
    const tells = pair.guess !== undefined && pair.candidate.requests > 0 && pair.stable.requests > 0
    for (const { nul, evidence } of this.#against) {
      evidence.add(pairEvidence(nul, pair, this.#alternatives), when, tells)
    }
  }

  /** A block of the candidate alone, held against stable's record. */
  addAlone(candidate: Counts, { largest, temper }: Record, when: When): void {
    for (const { nul, evidence } of this.#against) {
      const limit = boundAt(nul, largest)
      evidence.add(limitEvidence(limit, candidate, this.#alternatives, temper), when, candidate.requests > 0)
    }
  }
}
