import type { Place, Split } from '../../../rollout/place.js'
import { shareOf } from '../../../rollout/place.js'

const PLACES: readonly Place[] = ['blue', 'green', 'live']

/** The places of a split that get requests, in a fixed order. */
export function carriers(split: Split): readonly Place[] {
  return PLACES.filter((place) => shareOf(split, place) > 0)
}

/**
 * Which place is the candidate, that is: which place the clients with low buckets belong to. A split does not say
 * it (`blue 75, green 25` may be either), and guessing by size would swap everybody at 50 %. The rule is:
 *
 *   the candidate is the place that was last seen at 0 while another had all.
 *
 * A rollout begins at `blue 100, green 0`: green is the candidate, and a client with bucket b moves to it once,
 * when the weight passes b / 100. At `blue 0, green 100` the roles swap, which moves nobody: all are on green
 * already. The next rollout counts from blue at 0, and moves each client once again. Going back to
 * `blue 100, green 0` brings all to blue, whatever their bucket, and the roles stand as at the beginning.
 *
 * So this must be remembered with the split: after a restart in the middle of a rollout it cannot be found again.
 * A split between two places without such a past (state was lost) takes the smaller one, green if they are equal.
 */
export function candidateAfter(split: Split, before: Place | undefined): Place | undefined {
  const carrying = carriers(split)
  const [first, second] = carrying
  if (first === undefined) return before
  if (second === undefined) return placeAtZero(split, first)
  if (before !== undefined && carrying.includes(before)) return before
  return shareOf(split, first) < shareOf(split, second) ? first : second
}

/** Who may come next, while one place has all: the other one that is named, else the other slot. */
function placeAtZero(split: Split, all: Place): Place | undefined {
  const named = PLACES.find((place) => place !== all && split[place] !== undefined)
  if (named !== undefined) return named
  if (all === 'live') return undefined
  return all === 'blue' ? 'green' : 'blue'
}
