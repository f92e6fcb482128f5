import type { Place, Side, Split } from '../place.js'
import type { Weight } from '../weight.js'
import type { Selector } from './platform.js'

/** Names one state of the router's object; opaque. */
export type RouterRevision = string

/** The router's object was changed by somebody else since it was read: nothing was written. */
export class RouterConflict extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RouterConflict'
  }
}

/** What a router can do. Tests assert a property only where it is claimed here. */
export interface Capabilities {
  /** `any` percentage in steps of 0.01, whole `percent`s, or `all-or-nothing` (a selector): 0 and 100. */
  readonly weights: 'any' | 'percent' | 'all-or-nothing'
  /** Clients stay on their side while weights rise. */
  readonly sticky: boolean
  /** Testers reach a side by a header. */
  readonly header: boolean
  readonly mirror: boolean
  /** `effective` gives true answers: the router reports that a change has taken effect. */
  readonly status: boolean
  /** `write` with a stale revision is refused by the target itself. */
  readonly conditional: boolean
  readonly websockets: boolean
}

export interface RouterReading {
  readonly split: Split
  readonly revision: RouterRevision
  /** Who changed it last, if it was not us and the target tells. */
  readonly changedBy?: string
}

/** A header that brings a tester to one side whatever the weight. */
export interface TesterHeader {
  readonly name: string
  readonly value: string
}

/**
 * What sends requests to sides by weight. Every method is idempotent; any may throw TransientError or UserError.
 * Rules that a user manages are kept (trap 13); zeros are written explicitly (trap 17).
 */
export interface Router {
  readonly name: string
  readonly can: Capabilities
  /** `slots`: blue and green. `variants`: a feature flag's off and on. */
  readonly sides: 'slots' | 'variants'
  /** Makes a place known at an explicit 0, before anything runs there. Never changes what another side gets. */
  attach(place: Place): Promise<void>
  read(): Promise<RouterReading>
  /**
   * Sets the split. With `ifMatch`, only if the object is still at that revision.
   * @throws RouterConflict if it is not (checked by the target where `can.conditional`).
   */
  write(split: Split, ifMatch?: RouterRevision): Promise<RouterRevision>
  /** Whether a written revision has taken effect where requests are routed. */
  effective(revision: RouterRevision): Promise<'yes' | 'not-yet' | 'unknown'>
  /** Endpoints of a place that the router itself would send requests to (healthy, not merely registered: trap 2). */
  healthy(place: Place): Promise<number | 'unknown'>
  /** Requests and connections of a side that the router has not let go of. */
  remaining(side: Side): Promise<number | 'unknown'>
  /** Labels by which metrics of this side can be told apart; empty if the router gives none. */
  selectors(side: Side): Selector
  /** How a tester reaches this side, where `can.header`. */
  testerHeader(side: Side): TesterHeader | undefined
}

/** Whether a router can express a weight; a weight that it cannot is refused before anything starts, never rounded. */
export function canExpress(can: Capabilities, weight: Weight): boolean {
  if (can.weights === 'all-or-nothing') return weight === 0 || weight === 100
  return can.weights === 'any' || Number.isInteger(weight)
}
