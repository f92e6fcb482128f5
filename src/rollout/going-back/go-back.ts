import { closeRollout } from '../close.js'
import { confirmSilence, SILENCE_ANSWERS } from '../confirm.js'
import {
  candidateOf,
  type Doomed,
  type Ledger,
  type OpenRollout,
  type Setback,
  type StableRelease,
} from '../ledger/ledger.js'
import { shareOf, splitFor } from '../place.js'
import { untilReady } from '../deploying/ready.js'
import { retireDue } from '../retire.js'
import type { Session } from '../session.js'
import { settleSplit, sidesOf, writeSplit } from '../traffic.js'
import { UserError } from '../user-error.js'
import { NONE } from '../weight.js'

/** Pause between two looks at stable's capacity, in milliseconds. */
const CAPACITY_POLL_MS = 250

/**
 * Takes the candidate out of the traffic: stable's capacity first (trap 9), then weight 0, then real responses.
 * It needs nothing from the sick side (trap 12). From here on only going back may follow.
 */
export async function setBack(
  session: Session,
  reason: string,
  phase: Doomed['phase'] = 'failed',
): Promise<void> {
  const doom = (ledger: Ledger): Ledger => doomed(ledger, reason, phase, session.now())
  if (session.scene.router === undefined || session.candidate === undefined) return session.update(doom)
  const start = session.scene.clock.monotonicMs()
  await restoreStable(session)
  const sides = sidesOf(session.scene, session.ledger)
  const split = splitFor(sides, NONE)
  const hadTraffic = await mayHaveTraffic(session)
  await writeSplit(session, { split, also: doom, overStrangers: true })
  await confirmBack(session, hadTraffic)
  const tookMs = session.scene.clock.monotonicMs() - start
  await settleSplit(session, split, (ledger) => withWeightZero(ledger, hadTraffic ? tookMs : undefined))
  await followStable(session)
}

/** A promotion that was cut short may have moved what follows stable already; nothing must follow what is retired. */
async function followStable(session: Session): Promise<void> {
  const { stable } = session.ledger
  if (stable === undefined) return
  await session.assertOurs()
  await session.scene.platform.follow(stable.place)
}

/**
 * Goes all the way back: stable serves everybody, the rollout is closed, and what it left behind is retired.
 * @returns how long it took until stable was confirmed to serve everybody, in seconds: also when an earlier step did that
 */
export async function goBack(session: Session, reason: string): Promise<number> {
  const { clock } = session.scene
  const start = clock.monotonicMs()
  const rollout = session.rollout
  if (rollout === undefined) return 0
  const why = rollout.phase === 'failed' || rollout.phase === 'going-back' ? rollout.setback.reason : reason
  await setBack(session, why, 'going-back')
  if (session.scene.platform.layout === 'in-place' && session.scene.router === undefined)
    await undoInPlace(session)
  const tookMs = setbackOf(session.rollout)?.tookMs ?? clock.monotonicMs() - start
  await closeAsTakenBack(session, why)
  await retireDue(session)
  return tookMs / 1000
}

async function closeAsTakenBack(session: Session, reason: string): Promise<void> {
  const now = session.now()
  await session.update((ledger) => {
    const { rollout } = ledger
    if (rollout === undefined) return ledger
    const candidate = candidateOf(rollout)
    const leftBehind = candidate !== undefined && candidate.place !== 'live' ? [candidate] : []
    const retire = leftBehind.map((left) => ({
      place: left.place,
      version: left.release.version,
      after: now.toISOString(),
    }))
    const outcome = candidate === undefined ? 'withdrawn' : 'taken-back'
    return closeRollout(ledger, rollout, { outcome, reason, now, retire })
  })
}

/** Whether any request can have reached the candidate: then real responses must say that none does any more. */
async function mayHaveTraffic(session: Session): Promise<boolean> {
  const { router } = session.scene
  const { ledger } = session
  const { candidate } = sidesOf(session.scene, ledger)
  const live = router === undefined ? {} : (await router.read()).split
  const splits = [ledger.split ?? {}, ledger.intended ?? {}, live]
  return splits.some((split) => shareOf(split, candidate) > 0) || (ledger.rollout?.weight ?? 0) > 0
}

async function confirmBack(session: Session, hadTraffic: boolean): Promise<void> {
  const { ledger, candidate } = session
  const silent = candidate?.release.version
  if (!hadTraffic || silent === undefined) return
  const speaking = ledger.stable?.release.version
  const observation = await confirmSilence(session, {
    silent,
    speaking,
    answers: SILENCE_ANSWERS,
    mustBeHeard: false,
  })
  if (observation.kind === 'measured') session.scene.narrator.say(`Back at stable: ${observation.text}`)
}

/**
 * Gives stable its full size back before it gets all requests (traps 9, 10, 15). A flag's stable side is a variant of what
 * runs already: nothing is deployed for it, and nothing delays the flag.
 */
async function restoreStable(session: Session): Promise<void> {
  const { stable } = session.ledger
  const { platform, router, clock, narrator, policy } = session.scene
  if (stable === undefined || router?.sides === 'variants') return
  const full = stable.replicas ?? 1
  const now = (await platform.observe())[stable.place]
  if (now !== undefined && now.ready >= full) return
  if (now === undefined || now.version !== stable.release.version) return restartStable(session, stable)
  if (now.wanted < full) await platform.scale(stable.place, full)
  const wait = narrator.waiting(
    `stable ${stable.release.version} to have ${full} replicas ready again`,
    policy.timing.readyDeadlineMs,
  )
  const deadline = clock.monotonicMs() + policy.timing.readyDeadlineMs
  for (;;) {
    const ready = (await platform.observe())[stable.place]?.ready ?? 0
    if (ready >= full) break
    wait.progress(`${ready} of ${full} ready`)
    if (clock.monotonicMs() > deadline && ready > 0) break
    if (clock.monotonicMs() > deadline) throw stableIsDown(stable)
    await session.pause(CAPACITY_POLL_MS)
  }
  wait.done()
}

async function restartStable(session: Session, stable: StableRelease): Promise<void> {
  session.scene.narrator.warn(
    `stable ${stable.release.version} does not run in ${stable.place} any more; starting it again`,
  )
  const { attempt } = await session.scene.platform.place(stable.place, stable.release, stable.handle)
  await untilReady(session, { place: stable.place, attempt, version: stable.release.version })
}

/** In place there is no weight: the platform brings the recorded release back by its own means. */
async function undoInPlace(session: Session): Promise<void> {
  const { stable } = session.ledger
  if (stable === undefined) return session.scene.platform.retire('live')
  const { attempt } = await session.scene.platform.place(stable.place, stable.release, stable.handle)
  await untilReady(session, { place: stable.place, attempt, version: stable.release.version })
}

function stableIsDown(stable: StableRelease): UserError {
  return new UserError(
    `stable ${stable.release.version} in ${stable.place} has no ready replica: traffic was not moved onto it`,
    {
      hint: 'Look at its logs. Deploy a release that works, or start it again, then roll back.',
    },
  )
}

function doomed(ledger: Ledger, reason: string, phase: Doomed['phase'], now: Date): Ledger {
  const { rollout } = ledger
  if (rollout === undefined) return ledger
  const setback = 'setback' in rollout ? rollout.setback : { reason, at: now.toISOString() }
  const candidate = candidateOf(rollout)
  const { phase: _before, ...facts } = rollout
  return { ...ledger, rollout: { ...facts, phase, setback, ...(candidate !== undefined && { candidate }) } }
}

function setbackOf(rollout: OpenRollout | undefined): Setback | undefined {
  return rollout !== undefined && 'setback' in rollout ? rollout.setback : undefined
}

/** @param tookMs how long that took, if it had to be confirmed */
function withWeightZero(ledger: Ledger, tookMs: number | undefined): Ledger {
  const { rollout } = ledger
  if (rollout === undefined) return ledger
  if (!('setback' in rollout) || tookMs === undefined)
    return { ...ledger, rollout: { ...rollout, weight: 0 } }
  return { ...ledger, rollout: { ...rollout, weight: 0, setback: { ...rollout.setback, tookMs } } }
}
