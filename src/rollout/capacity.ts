import type { Session } from './session.js'

/** Pause between two questions whether the candidate is ready, in milliseconds. */
const READY_POLL_MS = 250

/**
 * What the candidate lacks of the replicas that were ready when it was placed, asked of the platform and, where the
 * router sees the endpoints of slots itself, of the router too (trap 2). In words; undefined if it lacks nothing.
 */
export async function missingCapacity(session: Session): Promise<string | undefined> {
  const { candidate } = session
  if (candidate === undefined) return undefined
  const { platform, router } = session.scene
  const there = (await platform.observe())[candidate.place]
  const healthy = router?.sides === 'slots' ? await router.healthy(candidate.place) : 'unknown'
  const wanted = candidate.replicas ?? 1
  const ready = there !== undefined && there.ready >= wanted
  if (ready && (healthy === 'unknown' || healthy >= wanted)) return undefined
  const sees = healthy === 'unknown' ? '' : `; ${router?.name ?? 'the router'} sees ${healthy}`
  return `${candidate.release.version} has ${there?.ready ?? 0} of ${wanted} replicas ready in ${candidate.place}${sees}`
}

/** What the candidate lacks and goes on to lack for as long as a weight that is held would let it: no flicker is a death. */
export async function lastingLackOfCapacity(session: Session): Promise<string | undefined> {
  const { clock, narrator, policy } = session.scene
  let lack = await missingCapacity(session)
  if (lack === undefined) return undefined
  const limitMs = policy.timing.unreadyMs
  const deadline = clock.monotonicMs() + limitMs
  const wait = narrator.waiting('every replica of the candidate to be ready', limitMs)
  while (lack !== undefined && clock.monotonicMs() < deadline) {
    wait.progress(lack)
    await session.pause(READY_POLL_MS)
    lack = await missingCapacity(session)
  }
  wait.done()
  return lack
}
