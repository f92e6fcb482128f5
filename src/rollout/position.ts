import type { Ledger } from './ledger.js'
import { describeSplit } from './place.js'

/** Where traffic stands, with versions: `blue (v1) 75 %, green (v2) 25 %`. */
export function describePosition(ledger: Ledger): string {
  const split = ledger.split ?? {}
  const named = Object.fromEntries(
    Object.entries(split).map(([side, weight]) => [`${side}${versionIn(ledger, side)}`, weight]),
  )
  const now = Object.keys(named).length === 0 ? inPlacePosition(ledger) : describeSplit(named)
  return ledger.intended === undefined
    ? now
    : `${now}; on its way to ${describeSplit(ledger.intended)}, not confirmed`
}

function versionIn(ledger: Ledger, side: string): string {
  const record = side === 'blue' || side === 'green' || side === 'live' ? ledger.places[side] : undefined
  return record === undefined ? '' : ` (${record.release.version})`
}

function inPlacePosition(ledger: Ledger): string {
  return ledger.stable === undefined
    ? 'no release serves'
    : `${ledger.stable.release.version} serves in ${ledger.stable.place}`
}
