import type { JudgeParameters } from '../rollout/ports/judge.js'
import type { Null } from './e-value/closest-null.js'

/** What a release must be shown not to reach before it passes early: `ratio` times stable and `share` (0 to 1) more. */
export type Margin = NonNullable<JudgeParameters['passMargin']>

const DEFAULT_MARGIN: Margin = { ratio: 2, share: 0.005 }

/** Margins that are no margins are replaced by the default: nothing may pass early by mistake. */
export function marginOf(given: Margin | undefined): Margin {
  if (given === undefined) return DEFAULT_MARGIN
  return {
    ratio: given.ratio >= 1 && Number.isFinite(given.ratio) ? given.ratio : DEFAULT_MARGIN.ratio,
    share: given.share >= 0 && given.share < 1 ? given.share : DEFAULT_MARGIN.share,
  }
}

/**
 * A candidate is worse than the margin if it is both `ratio` times stable and `share` more: the larger of the two bounds
 * counts. At 0.1 % errors twice as many would take hours to exclude and harm nobody, and 0.6 % can be excluded in minutes;
 * at 10 % half a point more would take hours, and 20 % can be excluded in a minute. Stable's share is that of past
 * blocks, so that the choice uses nothing that is still to be judged, and each of both is an e-variable for both together.
 */
export function marginAt({ ratio, share }: Margin, stable: number): Null {
  return ratio * stable >= stable + share
    ? { kind: 'ratio', factor: ratio }
    : { kind: 'shift', points: share }
}
