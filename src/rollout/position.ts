import type { Ledger } from './ledger/ledger.js'
import { describeSplit, shareOf, type Place, type Side } from './place.js'
import { TransientError } from './ports/transient-error.js'
import type { Scene } from './scene.js'
import { messageOf, UserError } from './user-error.js'

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

/** Where traffic stands as the live system says; undefined if nothing serves. For a service without a ledger. */
export async function livePosition({ router, platform }: Scene): Promise<string | undefined> {
  try {
    if (router === undefined) {
      const { live } = await platform.observe()
      return live === undefined ? undefined : `${live.version ?? 'an unnamed release'} serves in live`
    }
    const { split } = await router.read()
    return Object.values(split).some((weight) => weight > 0) ? describeSplit(split) : undefined
  } catch (thrown) {
    if (!(thrown instanceof UserError) && !(thrown instanceof TransientError)) throw thrown
    return `not known: ${messageOf(thrown)}`
  }
}

/**
 * Whether nothing that gets requests by the ledger has a ready replica: then what the ledger says is how traffic was left,
 * and not how it is. Unknown counts as answering.
 */
export async function nothingAnswers({ platform }: Scene, ledger: Ledger): Promise<boolean> {
  const serving = servingPlaces(ledger)
  if (serving.length === 0) return false
  try {
    const observed = await platform.observe()
    return serving.every((place) => (observed[place]?.ready ?? 0) === 0)
  } catch (thrown) {
    if (!(thrown instanceof UserError) && !(thrown instanceof TransientError)) throw thrown
    return false
  }
}

/** A flag's sides are variants of what runs in place. */
function servingPlaces({ split = {}, stable }: Ledger): readonly Place[] {
  const sides = (Object.keys(split) as Side[]).filter((side) => shareOf(split, side) > 0)
  if (sides.length === 0) return stable === undefined ? [] : [stable.place]
  return [...new Set(sides.map((side) => (side === 'off' || side === 'on' ? 'live' : side)))]
}
