import type { Ledger, PlacedRelease } from '../ledger/ledger.js'
import { describeSplit, type Place, type Side } from '../place.js'
import type { Observed } from '../ports/platform.js'
import type { Session } from '../session.js'
import { UserError } from '../user-error.js'

/**
 * Looks at the live system where there is no ledger, or one of another repository: a service that serves already is
 * never guessed at. With `adopt: true` what is certain is written down; without, this says what was found.
 * @returns the change that records it, or undefined if nothing serves
 */
export async function adoption(session: Session): Promise<((ledger: Ledger) => Ledger) | undefined> {
  const { platform, router, policy, service } = session.scene
  const split = router === undefined ? {} : (await router.read()).split
  const observed = await platform.observe()
  const serving = Object.entries(split).filter(([, weight]) => weight > 0) as [Side, number][]
  const inPlace = router === undefined && observed.live !== undefined
  if (serving.length === 0 && !inPlace) return undefined
  const place = inPlace ? 'live' : placeOf(serving)
  const version = place === undefined ? undefined : observed[place]?.version
  const found = `traffic: ${describeSplit(split)}; running: ${describePlaces(observed)}`
  if (place === undefined || version === undefined) {
    throw new UserError(`${service} serves, but no ledger says since when and what (${found})`, {
      hint: 'It is not certain which release is stable. Give one side all requests and one version, then run deploy with `adopt: true`.',
    })
  }
  if (!policy.adopt) {
    throw new UserError(`${service} serves ${version} in ${place}, but its ledger is missing (${found})`, {
      hint: 'Run deploy with `adopt: true` to write it down as the stable release.',
    })
  }
  session.scene.narrator.notice(`Adopted ${version} in ${place} as the stable release (${found}).`)
  const placed: PlacedRelease = { place, release: { version }, replicas: observed[place]?.wanted ?? 1 }
  const since = session.now().toISOString()
  return (ledger) => ({
    ...ledger,
    repository: session.scene.actor.repository,
    stable: { ...placed, since },
    places: { ...ledger.places, [place]: placed },
    releases: [
      { release: placed.release, latest: 'promoted', at: since },
      ...ledger.releases.filter((known) => known.release.version !== version),
    ],
    split,
  })
}

function placeOf(serving: readonly [Side, number][]): Place | undefined {
  const only = serving.length === 1 ? serving[0] : undefined
  if (only === undefined || only[1] !== 100) return undefined
  return only[0] === 'off' || only[0] === 'on' ? 'live' : only[0]
}

function describePlaces(observed: Observed): string {
  const parts = Object.entries(observed).map(
    ([place, state]) => `${place} ${state.version ?? 'an unnamed release'}`,
  )
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}
