import type { Counts } from '../../rollout/evidence/histogram.js'

// Looked up once: these run some hundred times for each block.
const { abs, max, min, sqrt } = Math

export type { Counts }

/**
 * What is held against a regression: that the candidate's share of bad requests is at most `factor` times that of
 * stable, or at most `points` above it. The same lines bound the reverse ("at least") nulls of an early pass.
 */
export type Null =
  { readonly kind: 'ratio'; readonly factor: number } | { readonly kind: 'shift'; readonly points: number }

/** The candidate's share up to which the null holds if stable's share is `share`. */
export function boundAt(nul: Null, share: number): number {
  return nul.kind === 'ratio' ? nul.factor * share : share + nul.points
}

/** Shares of both sides: a point of the null, or a guess against it. */
export interface Shares {
  readonly candidate: number
  readonly stable: number
}

/**
 * The point of the null that explains a guess best: it minimises n_c KL(q_c‖t_c) + n_b KL(q_b‖t_b), and makes
 * the ratio of likelihoods an e-variable (Turner, Ly, Grünwald, "Generic E-variables for exact sequential k-sample
 * tests that allow for optional stopping"; the null with a tolerance is convex too). The guess must break the null, from
 * whichever side: the closest point lies on its bounding line.
 */
export function closestNull(nul: Null, guess: Shares, requests: Shares): Shares {
  if (nul.kind === 'ratio') return closestRatio(nul.factor, guess, requests)
  if (nul.points >= 0) return closestShift(nul.points, guess, requests)
  // The same line, seen from the other side.
  const swapped = closestShift(-nul.points, exchanged(guess), exchanged(requests))
  return exchanged(swapped)
}

function exchanged({ candidate, stable }: Shares): Shares {
  return { candidate: stable, stable: candidate }
}

/** On t_c = factor · t_b the derivative is zero where a quadratic is; its smaller root lies in the unit interval. */
function closestRatio(factor: number, guess: Shares, n: Shares): Shares {
  const bad = n.candidate * guess.candidate + n.stable * guess.stable
  const good = factor * n.candidate * (1 - guess.candidate) + n.stable * (1 - guess.stable)
  const a = factor * (n.candidate + n.stable)
  const b = bad * (1 + factor) + good
  const root = sqrt(max(0, b * b - 4 * a * bad))
  const stable = (2 * bad) / (b + root)
  return { candidate: factor * stable, stable }
}

const MOST_STEPS = 60
const CLOSE_ENOUGH = 1e-14
/** Shares of exactly 0 or 1 would divide by zero; no likelihood notices so small a distance. */
const OFF_THE_EDGE = 1e-13

/**
 * On t_c = t_b + points the derivative rises with t_b. Newton's steps find its zero in five or six; a step that would
 * leave the interval known to hold it is replaced by halving.
 */
function closestShift(points: number, guess: Shares, n: Shares): Shares {
  const [badCandidate, badStable] = [n.candidate * guess.candidate, n.stable * guess.stable]
  const [goodCandidate, goodStable] = [n.candidate - badCandidate, n.stable - badStable]
  let low = OFF_THE_EDGE
  let high = 1 - points - OFF_THE_EDGE
  let stable = min(max(guess.stable, low), high)
  for (let step = 0; step < MOST_STEPS; step++) {
    const candidate = stable + points
    const slope =
      goodCandidate / (1 - candidate) -
      badCandidate / candidate +
      goodStable / (1 - stable) -
      badStable / stable
    if (slope > 0) high = stable
    else low = stable
    const curvature =
      goodCandidate / (1 - candidate) ** 2 +
      badCandidate / candidate ** 2 +
      goodStable / (1 - stable) ** 2 +
      badStable / stable ** 2
    const newton = stable - slope / curvature
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (abs(next - stable) <= CLOSE_ENOUGH * stable) break
    stable = next
  }
  return { candidate: stable + points, stable }
}
