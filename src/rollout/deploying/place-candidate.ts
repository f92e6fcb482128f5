import type { Candidate } from '../ledger/ledger.js'
import { untilReady } from './ready.js'
import { HANDLE_LIMIT_BYTES, sameRelease, type Release, type ReleaseHandle } from '../release.js'
import { vacate } from '../retire.js'
import type { Session } from '../session.js'
import { withEntry } from '../timeline.js'

/** Attach at 0, place, wait until it is ready and the router sees it. Each of it may have been done before. */
export async function placeCandidate(session: Session, release: Release): Promise<void> {
  const { platform, router } = session.scene
  const { candidate } = session
  if (candidate === undefined) throw new Error('no candidate to place')
  const { place } = candidate
  if (place !== 'live') await emptyIfOther(session, candidate)
  await session.assertOurs()
  if (router !== undefined && place !== 'live') await router.attach(place)
  const { attempt, handle } = await session.during(platform.place(place, release, candidate.handle))
  requireSmall(handle)
  await record(session, { ...candidate, attempt, handle }, 'placing')
  const replicas = await untilReady(session, { place, attempt, version: release.version })
  await record(session, { ...candidate, attempt, handle, replicas }, 'shifting')
}

/** What was left in the idle slot is stopped with all care before anything else is put there. */
async function emptyIfOther(session: Session, { place, release, handle }: Candidate): Promise<void> {
  const { platform } = session.scene
  const there = (await platform.observe())[place]
  const record = session.ledger.places[place]
  if (there === undefined && record === undefined) return
  const version = there?.version ?? record?.release.version
  const sameLabel =
    version === release.version && (record === undefined || sameRelease(record.release, release))
  // Without a handle the build that the step brings is placed: it may be another one than what was left under its label.
  const rebuilt =
    handle === undefined &&
    record?.handle !== undefined &&
    (await platform.isOtherBuild(release, record.handle))
  if (sameLabel && !rebuilt) return
  await vacate(session, place, false)
}

async function record(session: Session, candidate: Candidate, phase: 'placing' | 'shifting'): Promise<void> {
  const { attempt: _attempt, ...placed } = candidate
  const inPlace = candidate.place === 'live' && session.scene.router === undefined
  const at = session.now().toISOString()
  await session.update((ledger) => {
    const { rollout } = ledger
    if (rollout === undefined || rollout.phase === 'reserved' || 'setback' in rollout) return ledger
    const ready = phase === 'shifting'
    const entry = {
      at,
      what: ready
        ? `${candidate.release.version} is ready in ${candidate.place}`
        : `placed in ${candidate.place}`,
      weight: rollout.weight,
    }
    return {
      ...ledger,
      places: { ...ledger.places, [candidate.place]: placed },
      retire: ledger.retire.filter((due) => due.place !== candidate.place),
      rollout: {
        ...rollout,
        candidate,
        phase: rollout.phase === 'promoting' ? rollout.phase : phase,
        weight: ready && inPlace ? 100 : rollout.weight,
        timeline: withEntry(rollout.timeline, entry),
      },
    }
  })
}

function requireSmall(handle: ReleaseHandle): void {
  if (Buffer.byteLength(handle) > HANDLE_LIMIT_BYTES)
    throw new Error(`a release handle is larger than ${HANDLE_LIMIT_BYTES} bytes`)
}
