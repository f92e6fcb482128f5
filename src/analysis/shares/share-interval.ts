import { closestNull, type Counts, type Null } from '../e-value/closest-null.js'
import { logLikelihood } from '../e-value/likelihood.js'
import { logBeta } from '../e-value/log-gamma.js'
import type { Interval } from '../metric-test.js'
import { logSum } from '../e-value/sequential-evidence.js'
import type { ShareTally } from './share-tally.js'

const { abs, exp, log, max, min } = Math

/** This part of an interval is exact enough for any figure. */
const EXACT_ENOUGH = 2 ** -40
/** A regression of more than this many times stable is no bound worth naming. */
const LARGEST_RATIO = 1_000

/**
 * Always-valid statements about two shares, from sums alone. For each side the likelihood averaged over a prior (half
 * Jeffreys', half one around what was expected of stable) is divided by the likelihood at a given pair of shares: an e-value for
 * this pair at any time (Robbins, "Statistical methods related to the law of the iterated logarithm", 1970). A
 * difference or a ratio is excluded if all pairs on its line are, which the likeliest of them decides: the construction of
 * Turner and Grünwald, "Exact anytime-valid confidence intervals for contingency tables and beyond". It assumes that
 * shares keep still at one weight; several weights have an e-value each, which multiply.
 */
export class ShareIntervals {
  readonly #tallies: readonly Tempered[]

  /** @param temper by how much blocks vary more than independent requests would; counts are worth so much less */
  constructor(tallies: readonly ShareTally[], temper: number) {
    this.#tallies = tallies
      .filter(({ stable, candidate }) => stable.requests > 0 && candidate.requests > 0)
      .map((tally) => tempered(tally, temper))
  }

  /** Candidate minus stable, in shares; undefined without requests of both. */
  difference(alpha: number): Interval | undefined {
    const last = this.#tallies.at(-1)
    if (last === undefined) return undefined
    const seen = shareOf(last.candidate) - shareOf(last.stable)
    const beyond = (points: number) => excluded(last, { kind: 'shift', points }) - log(1 / alpha)
    return { low: boundary(seen, -1, beyond), high: boundary(seen, 1, beyond) }
  }

  /** The largest difference that is not excluded, in shares: 0 at least; undefined without requests of both. */
  largestDifference(alpha: number): number | undefined {
    if (this.#tallies.length === 0) return undefined
    return max(
      0,
      boundary(this.#seen, 1, (points) => this.#beyond({ kind: 'shift', points }, alpha)),
    )
  }

  /** The largest ratio that is not excluded, 1 at least; undefined where it is too large to be worth naming. */
  largestRatio(alpha: number): number | undefined {
    if (this.#tallies.length === 0) return undefined
    const beyond = (power: number) => this.#beyond({ kind: 'ratio', factor: exp(power) }, alpha)
    const from = min(log(LARGEST_RATIO), max(0, log(this.#seenRatio)))
    if (!(from < log(LARGEST_RATIO)) || !(beyond(log(LARGEST_RATIO)) >= 0)) return undefined
    return exp(boundary(from, log(LARGEST_RATIO), beyond))
  }

  /** How far a line is excluded beyond what is needed: not at all below 0. */
  #beyond(line: Null, alpha: number): number {
    return this.#tallies.reduce((sum, tally) => sum + excluded(tally, line), 0) - log(1 / alpha)
  }

  get #seen(): number {
    const differences = this.#tallies.map(({ stable, candidate }) => shareOf(candidate) - shareOf(stable))
    return max(-1, ...differences)
  }

  get #seenRatio(): number {
    return max(1, ...this.#tallies.map(({ stable, candidate }) => shareOf(candidate) / shareOf(stable)))
  }
}

interface Tempered {
  readonly stable: Counts
  readonly candidate: Counts
  /** ln of the likelihood of both, averaged over the prior. */
  readonly averaged: number
}

function tempered({ stable, candidate, expected }: ShareTally, temper: number): Tempered {
  const less = ({ requests, bad }: Counts) => ({ requests: requests / temper, bad: bad / temper })
  const sides = { stable: less(stable), candidate: less(candidate) }
  return { ...sides, averaged: averaged(sides.stable, expected) + averaged(sides.candidate, expected) }
}

/** ln of the beta-binomial likelihood, but for the binomial coefficient. */
export function averaged(counts: Counts, expected: number | undefined): number {
  const jeffreys = underBeta(counts, 0.5, 0.5)
  if (expected === undefined) return jeffreys
  const share = min(max(expected, 1e-9), 0.5)
  return logSum([jeffreys, underBeta(counts, 0.5, (0.5 * (1 - share)) / share)]) - log(2)
}

function underBeta({ requests, bad }: Counts, a: number, b: number): number {
  return logBeta(a + bad, b + requests - bad) - logBeta(a, b)
}

/** ln of the evidence against all pairs of shares on a line. */
function excluded({ stable, candidate, averaged: against }: Tempered, line: Null): number {
  const guess = { candidate: shareOf(candidate), stable: shareOf(stable) }
  const likeliest = closestNull(line, guess, { candidate: candidate.requests, stable: stable.requests })
  return (
    against -
    logLikelihood(candidate, inside(likeliest.candidate)) -
    logLikelihood(stable, inside(likeliest.stable))
  )
}

function shareOf({ requests, bad }: Counts): number {
  return bad / requests
}

function inside(share: number): number {
  return min(max(share, Number.MIN_VALUE), 1 - Number.EPSILON / 2)
}

/**
 * Where, from a value that is not excluded towards one that may be, exclusion begins: by the false position of the Illinois
 * method, a quarter of the steps that halving takes; every third step halves, so that it ends whatever the function does.
 */
function boundary(from: number, to: number, beyond: (value: number) => number): number {
  let [kept, out] = [from, to]
  let [below, above] = [beyond(from), Infinity]
  for (let step = 1; abs(out - kept) > EXACT_ENOUGH * abs(to - from); step++) {
    const straight = kept + ((out - kept) * below) / (below - above)
    const isOfUse = step % 3 !== 0 && below < 0 && (straight - kept) * (out - straight) > 0
    const middle = isOfUse ? straight : (kept + out) / 2
    if (middle === kept || middle === out) break
    const value = beyond(middle)
    if (value >= 0) {
      if (above < Infinity && isOfUse) below /= 2
      ;[out, above] = [middle, value]
    } else {
      if (isOfUse) above /= 2
      ;[kept, below] = [middle, value]
    }
  }
  return out
}
