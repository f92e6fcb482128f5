import { randomBytes } from 'node:crypto'

import { sameSplit, shareOf, type Place, type Split } from '../../../rollout/place.js'
import { candidateAfter, carriers } from './candidate-side.js'
import type { Replica, SplitState } from './forwarder.js'
import { ReplicaLink } from './replica-link.js'

/** How many ids of replicas that were let go are remembered; a late list of ready ones must not bring them back. */
const GONE_REMEMBERED = 1_000

/** Which replica a request goes to: the split, the candidate, and the ready replicas of each place. */
export class RouteTable {
  private state: SplitState
  /** Buckets below this belong to the candidate. */
  private threshold = 0
  private stable: Place | undefined
  private carrying: readonly Place[] = []
  private readonly readyByPlace = new Map<Place, readonly ReplicaLink[]>()
  /** Every replica that is ready or has something in flight, by id. */
  private readonly links = new Map<string, ReplicaLink>()
  private readonly gone = new Set<string>()
  /** Revisions of one process are counted; the prefix tells processes apart. */
  private readonly prefix = randomBytes(4).toString('hex')
  private writes = 0
  private turn = 0

  constructor() {
    this.state = { split: {}, candidate: undefined, revision: `${this.prefix}-0` }
  }

  get splitState(): SplitState {
    return this.state
  }

  /** @throws RangeError for a split that does not sum to 100 or has more than two sides. */
  setSplit(split: Split, candidate?: Place): SplitState {
    const carrying = carriers(split)
    const hundredths = carrying.reduce((sum, place) => sum + Math.round(shareOf(split, place) * 100), 0)
    if (carrying.length > 2 || (carrying.length > 0 && hundredths !== 10_000)) {
      throw new RangeError(
        `the split ${JSON.stringify(split)} must sum to 100 over at most two places, or be empty`,
      )
    }
    const next = candidateAfter(split, candidate ?? this.state.candidate)
    if (!sameSplit(split, this.state.split) || next !== this.state.candidate) this.writes++
    this.state = { split: { ...split }, candidate: next, revision: `${this.prefix}-${this.writes}` }
    this.carrying = carrying
    this.threshold = Math.round(shareOf(split, next) * 100)
    this.stable = carrying.find((place) => place !== next)
    return this.state
  }

  /** The place that a bucket belongs to; undefined while nothing is live. */
  placeOf(bucket: number): Place | undefined {
    return bucket < this.threshold ? this.state.candidate : this.stable
  }

  setReplicas(place: Place, replicas: readonly Replica[]): void {
    const ready: ReplicaLink[] = []
    for (const replica of replicas) {
      if (this.gone.has(replica.id)) continue
      let link = this.links.get(replica.id)
      if (link === undefined) this.links.set(replica.id, (link = new ReplicaLink(place, replica)))
      ready.push(link)
    }
    this.readyByPlace.set(place, ready)
    this.forgetIdle()
  }

  ready(place: Place): number {
    return this.readyByPlace.get(place)?.length ?? 0
  }

  /**
   * A ready replica of `wish`, else of another place that carries weight; never one of `tried`. Of several the one
   * with the least in flight, in turn where that is equal.
   */
  choose(wish: Place, tried: readonly ReplicaLink[]): ReplicaLink | undefined {
    const first = this.leastBusy(wish, tried)
    if (first !== undefined) return first
    for (const place of this.carrying) {
      const other = place === wish ? undefined : this.leastBusy(place, tried)
      if (other !== undefined) return other
    }
    return undefined
  }

  /** A ready replica of this place alone. */
  leastBusy(place: Place, tried: readonly ReplicaLink[]): ReplicaLink | undefined {
    const ready = this.readyByPlace.get(place) ?? []
    const start = this.turn++
    let best: ReplicaLink | undefined
    for (let step = 0; step < ready.length; step++) {
      const link = ready[(start + step) % ready.length]
      if (link === undefined || tried.includes(link)) continue
      if (best === undefined || link.inFlight < best.inFlight) best = link
    }
    return best
  }

  /** Takes a replica out of the table for good; its link, if it was ever known. */
  takeOut(id: string): ReplicaLink | undefined {
    this.gone.add(id)
    if (this.gone.size > GONE_REMEMBERED) this.gone.delete(this.gone.values().next().value ?? '')
    const link = this.links.get(id)
    if (link !== undefined) {
      const ready = this.readyByPlace.get(link.place) ?? []
      this.readyByPlace.set(
        link.place,
        ready.filter((other) => other !== link),
      )
    }
    return link
  }

  /** Forgets replicas that are not ready any more and have nothing in flight. */
  forgetIdle(): void {
    for (const [id, link] of this.links) {
      if (link.inFlight > 0 || this.readyByPlace.get(link.place)?.includes(link) === true) continue
      link.agent.retire()
      this.links.delete(id)
    }
  }

  remaining(place: Place): number {
    let sum = 0
    for (const link of this.links.values()) if (link.place === place) sum += link.inFlight
    return sum
  }

  /** Versions of the ready replicas of a place. */
  versions(place: Place): readonly string[] {
    return [...new Set((this.readyByPlace.get(place) ?? []).map((link) => link.version))]
  }

  get everyLink(): readonly ReplicaLink[] {
    return [...this.links.values()]
  }
}
