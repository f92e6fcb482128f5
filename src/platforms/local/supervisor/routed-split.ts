import { ALL, NONE } from '../../../rollout/weight.js'
import { sameSplit, shareOf, type Place, type Split } from '../../../rollout/place.js'
import { RouterConflict, type RouterReading, type RouterRevision } from '../../../rollout/ports/router.js'
import { UserError } from '../../../rollout/user-error.js'
import type { Forwarder } from '../forwarding/forwarder.js'
import type { DesiredStore } from './desired-state.js'

/** The split as it is written down and as the forwarder has it; revisions count writes over all lives of the supervisor. */
export class RoutedSplit {
  readonly #desired: DesiredStore
  readonly #forwarder: Forwarder

  constructor(desired: DesiredStore, forwarder: Forwarder) {
    this.#desired = desired
    this.#forwarder = forwarder
    const { split, candidate } = desired.state
    if (Object.keys(split).length > 0) forwarder.setSplit(split, candidate)
  }

  read(): RouterReading {
    const { split, splitRevision } = this.#desired.state
    return { split, revision: String(splitRevision) }
  }

  /** An explicit 0 for a place that the split does not name (trap 17); everything else stays. */
  attach(place: Place): void {
    const { split } = this.#desired.state
    if (split[place] === undefined && Object.keys(split).length > 0)
      this.write({ ...split, ...zeroFor(place) })
  }

  /**
   * In place there is no weight that anybody would set: what has come up there gets all requests, as behind a
   * Service that selects it.
   */
  placeCameUp(place: Place): void {
    if (place !== 'live' || shareOf(this.#desired.state.split, 'live') === ALL) return
    const zeros = Object.keys(this.#desired.state.split).map((side) => [side, NONE])
    this.write({ ...(Object.fromEntries(zeros) as Split), live: ALL })
  }

  /** @throws RouterConflict if the split was written since `ifMatch`. */
  write(split: Split, ifMatch?: RouterRevision): RouterRevision {
    const { state } = this.#desired
    const now = String(state.splitRevision)
    if (ifMatch !== undefined && ifMatch !== now) {
      throw new RouterConflict(
        `The split was written by somebody else: it is at revision ${now}, not ${ifMatch}`,
      )
    }
    const unchanged = sameSplit(split, state.split) && Object.keys(split).every((side) => side in state.split)
    if (unchanged) return now
    refuseUnless100(split)
    const splitRevision = state.splitRevision + 1
    this.#desired.change({ split, splitRevision })
    this.#forwarder.setSplit(split)
    const { candidate } = this.#forwarder.splitState
    if (candidate !== undefined && candidate !== state.candidate) this.#desired.change({ candidate })
    return String(splitRevision)
  }

  /** A written split has taken effect before `write` returns, and a revision that we never gave has not. */
  effective(revision: RouterRevision): 'yes' | 'not-yet' {
    return Number(revision) <= this.#desired.state.splitRevision ? 'yes' : 'not-yet'
  }
}

function zeroFor(place: Place): Split {
  const zero: Split = {}
  zero[place] = NONE
  return zero
}

function refuseUnless100(split: Split): void {
  const weights = Object.values(split)
  const sum = weights.reduce((all, weight) => all + Math.round(weight * 100), 0)
  if (weights.length > 0 && sum !== 10_000) {
    throw new UserError(`A split must sum to 100, this one sums to ${sum / 100}: ${JSON.stringify(split)}`)
  }
}
