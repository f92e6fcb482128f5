import { requestsIn, type Histogram } from '../../rollout/evidence/histogram.js'
import type { Alternative } from '../e-value/block-evidence.js'
import type { Edges } from './latency-track.js'
import type { When } from '../e-value/last-run.js'
import { SequentialEvidence, type Starts } from '../e-value/sequential-evidence.js'

const { log } = Math

/** Sizes of regression in the odds of being slower, at all edges alike. */
const ALTERNATIVES: readonly Alternative[] = [
  { odds: 1.15, weight: 0.4 },
  { odds: 1.3, weight: 0.3 },
  { odds: 1.6, weight: 0.1 },
  { odds: 2.5, weight: 0.1 },
  { odds: 6, weight: 0.1 },
]

/**
 * Evidence that the candidate is slower at all percentiles alike. Requests are sorted into the bins between several edges, the
 * candidate's edges being higher by what is tolerated; if no percentile is worse than tolerated, then at each edge at
 * most as many of the candidate's requests are slower as of stable's. This null is convex, so that the construction of
 * closestNull holds (its proof needs no more, and not that there are only two outcomes). A guess that multiplies the odds at
 * all edges by the same makes slow bins ever likelier, and then the closest point gives both sides the same bins: the mean of
 * both guesses by requests. One edge alone uses at most two thirds of what a shift of all latencies says.
 */
export class WholeShape {
  readonly #evidence: SequentialEvidence

  constructor(starts: Starts) {
    this.#evidence = new SequentialEvidence(
      ALTERNATIVES.map(({ weight }) => weight),
      starts,
    )
  }

  get logE(): number {
    return this.#evidence.logE
  }

  /** What the newest blocks say by themselves, as in SequentialEvidence. */
  get recent(): number {
    return this.#evidence.recent
  }

  /**
   * @param edges by which both sides are counted, in any order
   * @param past all that stable did before
   */
  add(
    edges: readonly Edges[],
    past: Histogram,
    candidate: Histogram,
    stable: Histogram,
    temper: number,
    when: When,
  ): void {
    const kept = alike(rising(edges), past.edgesMs)
    if (kept.length === 0 || requestsIn(candidate) === 0 || requestsIn(stable) === 0) return
    const guess = guessOf(binned(past, kept.map(stableEdge)))
    const seen = {
      candidate: binned(candidate, kept.map(candidateEdge)),
      stable: binned(stable, kept.map(stableEdge)),
    }
    const logs = ALTERNATIVES.map(({ odds }) => logRatio(slower(guess, odds), guess, seen) / temper)
    this.#evidence.add(logs, when)
  }
}

interface Seen {
  readonly candidate: readonly number[]
  readonly stable: readonly number[]
}

const stableEdge = ({ stable }: Edges) => stable
const candidateEdge = ({ candidate }: Edges) => candidate

/** Where two edges of stable are rounded up to the same one for the candidate, the higher says all. */
function rising(edges: readonly Edges[]): readonly Edges[] {
  const sorted = edges.toSorted((one, other) => one.stable - other.stable)
  return sorted.filter((edge, index) => sorted[index + 1]?.candidate !== edge.candidate)
}

/** Edges where a tolerance in milliseconds or a wide bucket tolerates much more than at others say nothing of all alike. */
const MUCH_MORE = 1.5

function alike(edges: readonly Edges[], edgesMs: readonly number[]): readonly Edges[] {
  const tolerated = ({ stable, candidate }: Edges) => (edgesMs[candidate] ?? 0) / (edgesMs[stable] ?? 0) - 1
  const least = Math.min(...edges.map(tolerated))
  return edges.filter((edge) => tolerated(edge) <= MUCH_MORE * least + 1e-9)
}

/** Requests between edges, and beyond the last. */
function binned({ counts }: Histogram, edges: readonly number[]): readonly number[] {
  const bins = new Array<number>(edges.length + 1).fill(0)
  let bin = 0
  for (let i = 0; i < counts.length; i++) {
    while (bin < edges.length && i > (edges[bin] ?? Infinity)) bin++
    bins[bin] = (bins[bin] ?? 0) + (counts[i] ?? 0)
  }
  return bins
}

/** Shares of bins; half a request is added to each, so that an empty one is not taken for one that must stay so. */
function guessOf(bins: readonly number[]): readonly number[] {
  const all = bins.reduce((sum, count) => sum + count + 0.5, 0)
  return bins.map((count) => (count + 0.5) / all)
}

/** The shares of bins if at each edge the odds of being slower are so many times as large. */
function slower(guess: readonly number[], odds: number): readonly number[] {
  let left = 1
  let before = 1
  return guess.map((share, index) => {
    left = index === guess.length - 1 ? 0 : left - share
    const beyond = (odds * left) / (1 - left + odds * left)
    const bin = before - beyond
    before = beyond
    return bin
  })
}

/** ln e: how much better both guesses explain what was seen than the closest point of the null. */
function logRatio(candidate: readonly number[], stable: readonly number[], seen: Seen): number {
  const requests = (bins: readonly number[]) => bins.reduce((sum, count) => sum + count, 0)
  const part = requests(seen.candidate) / (requests(seen.candidate) + requests(seen.stable))
  let sum = 0
  for (let i = 0; i < stable.length; i++) {
    const [ofCandidate, ofStable] = [candidate[i] ?? 0, stable[i] ?? 0]
    const both = part * ofCandidate + (1 - part) * ofStable
    sum += (seen.candidate[i] ?? 0) * log(ofCandidate / both) + (seen.stable[i] ?? 0) * log(ofStable / both)
  }
  return sum
}
