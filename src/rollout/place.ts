import { ALL, NONE, rest, type Weight } from './weight.js'

/** One of the two places where a service with slots can run. */
export type Slot = 'blue' | 'green'

/** Where a release runs: a slot, or `live` for strategies that update in place. */
export type Place = Slot | 'live'

/** What a router can send requests to: a place, or the `off` and `on` variants of a feature flag. */
export type Side = Place | 'off' | 'on'

/** Percentages by side; they sum to 100, explicit zeros included (trap 17). `{}` serves nobody. */
export type Split = Partial<Record<Side, Weight>>

/** The two roles in a rollout as sides of a router. Without a stable side nothing is live yet. */
export interface Sides {
  readonly stable: Side | undefined
  readonly candidate: Side
}

/** The slot that is not this one. */
export function otherSlot(slot: Place | undefined): Slot {
  return slot === 'blue' ? 'green' : 'blue'
}

/** The split that gives the candidate its weight. Both sides are named, so a zero is never omitted. */
export function splitFor(sides: Sides, weight: Weight): Split {
  if (sides.stable === undefined) return weight === 0 ? {} : { [sides.candidate]: ALL }
  return { [sides.stable]: rest(weight), [sides.candidate]: weight }
}

/** How much of all requests a side gets. */
export function shareOf(split: Split, side: Side | undefined): Weight {
  return (side === undefined ? undefined : split[side]) ?? NONE
}

/** Whether two splits send the same requests to the same sides; a missing side is a zero. */
export function sameSplit(one: Split, other: Split): boolean {
  const sides = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<Side>
  return [...sides].every((side) => shareOf(one, side) === shareOf(other, side))
}

/** A split in words for people: `blue 75 %, green 25 %`. */
export function describeSplit(split: Split): string {
  const parts = Object.entries(split).map(([side, weight]) => `${side} ${weight} %`)
  return parts.length === 0 ? 'nothing is routed' : parts.join(', ')
}
