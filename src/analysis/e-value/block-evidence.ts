import { boundAt, closestNull, type Counts, type Null, type Shares } from './closest-null.js'
import { logLikelihoodRatio } from './likelihood.js'

// Looked up once: these run some hundred times for each block.
const { max, min } = Math

/** A size of regression that is looked for: the candidate's odds are this many times those of the bound of the null. */
export interface Alternative {
  readonly odds: number
  readonly weight: number
}

/** Sizes of regression in the share of bad answers: small and large ones are both found early. */
export const SHARE_ALTERNATIVES: readonly Alternative[] = [
  { odds: 1.5, weight: 0.25 },
  { odds: 2.2, weight: 0.25 },
  { odds: 4, weight: 0.2 },
  { odds: 8, weight: 0.15 },
  { odds: 20, weight: 0.1 },
  { odds: 60, weight: 0.05 },
]

/** Sizes of regression in the share of requests that are slower than an edge. */
export const SLOWER_ALTERNATIVES: readonly Alternative[] = [
  { odds: 1.25, weight: 0.2 },
  { odds: 1.5, weight: 0.2 },
  { odds: 2, weight: 0.2 },
  { odds: 3, weight: 0.2 },
  { odds: 5, weight: 0.1 },
  { odds: 10, weight: 0.1 },
]

/**
 * Where between harmless (0) and the margin (1), in the logarithm of the odds, a candidate is expected that is to be shown
 * to stay below the margin.
 */
export const HARMLESS_PLACES = [0, 0.25, 0.5] as const
export const HARMLESS_WEIGHTS = [0.5, 0.25, 0.25] as const

/** Both sides in one window, and what is known of stable from before it. */
export interface Pair {
  readonly candidate: Counts
  readonly stable: Counts
  /** Stable's share as guessed from past blocks alone; undefined before there are any. */
  readonly guess: number | undefined
  /** By how much stable's past blocks vary more than independent requests would; at least 1. */
  readonly temper: number
}

/** ln e of a pair of counts for one guess: how much better it explains them than the closest point of the null. */
export function logRatio(nul: Null, guess: Shares, candidate: Counts, stable: Counts): number {
  const closest = closestNull(nul, guess, { candidate: candidate.requests, stable: stable.requests })
  return (
    logLikelihoodRatio(candidate, guess.candidate, closest.candidate) +
    logLikelihoodRatio(stable, guess.stable, closest.stable)
  )
}

/** ln e of a block for each alternative. A block without a guess, or without requests of one side, says nothing. */
export function pairEvidence(nul: Null, pair: Pair, alternatives: readonly Alternative[]): readonly number[] {
  const { guess, candidate, stable, temper } = pair
  const bound = guess === undefined ? 1 : boundAt(nul, guess)
  if (guess === undefined || !(bound < 1) || candidate.requests === 0 || stable.requests === 0) {
    return alternatives.map(nothing)
  }
  return alternatives.map(({ odds }) => {
    const against = { candidate: timesOdds(bound, odds), stable: guess }
    return logRatio(nul, against, candidate, stable) / temper
  })
}

/**
 * ln e of a block against "the candidate is at or above the margin", for each of the harmless places.
 * @param harmless the candidate's share if it is as good as stable, from past blocks, 0 to 1
 */
export function harmlessEvidence(margin: Null, pair: Pair, harmless: number): readonly number[] {
  const { guess, candidate, stable, temper } = pair
  const bound = guess === undefined ? 1 : boundAt(margin, guess)
  if (guess === undefined || !(bound < 1) || !(bound > harmless)) return HARMLESS_PLACES.map(nothing)
  if (candidate.requests === 0 || stable.requests === 0) return HARMLESS_PLACES.map(nothing)
  const span = oddsOf(bound) / oddsOf(harmless)
  return HARMLESS_PLACES.map((place) => {
    const against = { candidate: timesOdds(harmless, span ** place), stable: guess }
    return logRatio(margin, against, candidate, stable) / temper
  })
}

/** ln e of one side's counts against a limit that its share must not exceed, for each alternative. */
export function limitEvidence(
  limit: number,
  counts: Counts,
  alternatives: readonly Alternative[],
  temper = 1,
): readonly number[] {
  const held = min(max(limit, SMALLEST_SHARE), 1)
  if (!(held < 1)) return alternatives.map(nothing)
  return alternatives.map(({ odds }) => logLikelihoodRatio(counts, timesOdds(held, odds), held) / temper)
}

/** A limit of nothing at all would make one bad answer infinite evidence. */
const SMALLEST_SHARE = 1e-6

const nothing = () => 0

function timesOdds(share: number, odds: number): number {
  return (odds * share) / (1 - share + odds * share)
}

function oddsOf(share: number): number {
  return share / (1 - share)
}
