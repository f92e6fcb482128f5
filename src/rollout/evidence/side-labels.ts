import type { Side } from '../place.js'
import type { Selector } from '../ports/platform.js'
import type { Session } from '../session.js'
import { routerOf, sidesOf } from '../traffic.js'

/** By what a source of metrics tells the two sides apart; a side that is not there has no labels. */
export interface SideLabels {
  readonly stable: Selector | undefined
  readonly candidate: Selector
}

/** The labels of both sides of the open rollout. */
export function sideLabels(session: Session): SideLabels {
  const { stable, candidate } = sidesOf(session.scene, session.ledger)
  return {
    stable: stable === undefined ? undefined : labelsOf(session, stable),
    candidate: labelsOf(session, candidate),
  }
}

/** Platform and router each say how they mark a side; a flag's variants are no places of the platform. */
function labelsOf({ scene }: Session, side: Side): Selector {
  const ofPlace = side === 'blue' || side === 'green' ? scene.platform.selectors(side) : {}
  return { ...ofPlace, ...routerOf(scene).selectors(side) }
}
