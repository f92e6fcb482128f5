import { confirmSilence, RETIREMENT_ANSWERS } from './confirm.js'
import { formatDuration } from './duration.js'
import { isSameRetirement, type Retirement } from './ledger/ledger.js'
import { shareOf, type Place } from './place.js'
import type { Session } from './session.js'
import { messageOf, UserError } from './user-error.js'
import { Displaced } from './interruption.js'

/** Pause between two counts of what is still open, in milliseconds. */
const DRAIN_POLL_MS = 200

/**
 * Stops what the ledger says is due. What cannot be stopped now (traffic on it, no answer) stays due for the next
 * action or the sweep: retiring never fails a step.
 */
export async function retireDue(session: Session): Promise<void> {
  for (const entry of retirementsDue(session)) {
    try {
      await retireOne(session, entry)
    } catch (thrown) {
      if (!(thrown instanceof UserError) || thrown instanceof Displaced) throw thrown
      session.scene.narrator.warn(
        `${entry.version} still runs in ${entry.place}: ${messageOf(thrown)}. The next action or the sweep tries again.`,
      )
    }
  }
}

/** What is to be stopped now, by the time of the ledger's target. */
export function retirementsDue(session: Session): readonly Retirement[] {
  const now = session.now().getTime()
  return session.ledger.retire.filter((entry) => Date.parse(entry.after) <= now)
}

async function retireOne(session: Session, entry: Retirement): Promise<void> {
  const { ledger, candidate } = session
  const inUse = ledger.stable?.place === entry.place || candidate?.place === entry.place
  if (!inUse && (await versionIn(session, entry.place)) === entry.version)
    await vacate(session, entry.place, true)
  await session.update((current) => ({
    ...current,
    retire: current.retire.filter((other) => !isSameRetirement(other, entry)),
  }))
}

/** What the ledger says is in a place; what a killed step put there before it could write it down, the target says. */
async function versionIn(session: Session, place: Place): Promise<string | undefined> {
  const record = session.ledger.places[place]
  return record?.release.version ?? (await session.scene.platform.observe())[place]?.version
}

/**
 * Stops what runs in a place that carries no traffic: only after the router says 0, real responses say so, and what
 * was in flight has ended (traps 3, 4, 7, 22). Unknown means stop.
 * @param mustBeHeard whether it must answer what it could be replaced by; not where a deploy needs the place to mend that
 */
export async function vacate(session: Session, place: Place, mustBeHeard: boolean): Promise<void> {
  const { platform, router, narrator } = session.scene
  const version = await versionIn(session, place)
  if (router !== undefined) {
    const { split } = await router.read()
    if (shareOf(split, place) !== 0) {
      throw new UserError(`${place} still gets ${shareOf(split, place)} % of the requests`, {
        hint: 'Set its weight to 0 first.',
      })
    }
  }
  if (version !== undefined) {
    const speaking = session.ledger.stable?.release.version
    if (speaking !== undefined)
      await confirmSilence(session, { silent: version, speaking, answers: RETIREMENT_ANSWERS, mustBeHeard })
    await untilLetGo(session, place)
    narrator.say(`Stopping ${version} in ${place}`)
  }
  await session.assertOurs()
  await session.during(platform.retire(place))
  await session.update((ledger) => {
    const { [place]: _gone, ...places } = ledger.places
    return { ...ledger, places }
  })
}

/** Waits until a place has nothing in flight, its drain time at most, and says what is still open then (trap 23). */
async function untilLetGo(session: Session, place: Place): Promise<void> {
  const { router, clock, narrator, policy } = session.scene
  if (router === undefined) return
  let remaining = await router.remaining(place)
  if (remaining === 'unknown') return settle(session, place)
  if (remaining === 0) return
  const deadline = clock.monotonicMs() + policy.timing.drainMs
  const wait = narrator.waiting(`requests in flight in ${place} to end`, policy.timing.drainMs)
  while (remaining !== 0 && remaining !== 'unknown' && clock.monotonicMs() < deadline) {
    wait.progress(`${remaining} open`)
    await session.pause(DRAIN_POLL_MS)
    remaining = await router.remaining(place)
  }
  wait.done()
  if (remaining === 'unknown') return settle(session, place)
  if (remaining !== 0)
    narrator.notice(
      `${remaining} connections of ${place} are still open after ${formatDuration(policy.timing.drainMs)} and are closed now.`,
    )
}

async function settle(session: Session, place: Place): Promise<void> {
  const { narrator, policy } = session.scene
  const wait = narrator.waiting(
    `the router to let go of ${place} (it does not say when it has)`,
    policy.timing.settleMs,
  )
  await session.pause(policy.timing.settleMs)
  wait.done()
}
