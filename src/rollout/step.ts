import { giveBackDeadLease } from './ledger/dead-lease.js'
import { closedBySession } from './ledger/find-rollout.js'
import { setBack } from './going-back/go-back.js'
import { Cancelled, CheckFailed, Displaced } from './interruption.js'
import {
  candidateOf,
  isOwnedBy,
  isUnderway,
  type ClosedRollout,
  type Ledger,
  type OpenRollout,
  type Rest,
} from './ledger/ledger.js'
import type { Outcome, Standby, StepResult } from './outcome.js'
import { patiently } from './patience.js'
import { LedgerConflict } from './ports/ledger-store.js'
import { describePosition, livePosition, nothingAnswers } from './position.js'
import type { Scene } from './scene.js'
import { Session } from './session.js'
import { standingOf } from './ledger/standing.js'
import { UserError } from './user-error.js'

/** How often a step decides anew because somebody wrote between its reading and its first write. */
const DECISIONS_LIMIT = 10

/**
 * The frame of every step: reads, decides, works under the lease, and gives it back, so that the rollout rests.
 * Whatever happens, the outcome says where traffic stands. Only our own bugs are thrown.
 */
export async function runStep(
  given: Scene,
  work: (session: Session) => Promise<StepResult>,
): Promise<Outcome> {
  let signal = (): AbortSignal => given.signal
  const scene = withPatience(given, () => signal())
  for (let decisions = 1; ; decisions++) {
    const session = await Session.open(scene)
    signal = () => session.signal
    try {
      await finishSetback(session)
      const done = await work(session)
      await giveBackDeadLease(session)
      await rest(session)
      return await located(session, outcomeOf(session, done))
    } catch (thrown) {
      if (!(thrown instanceof LedgerConflict) || session.held)
        return await located(session, await interrupted(session, thrown))
      if (decisions >= DECISIONS_LIMIT)
        return await located(session, await interrupted(session, restless(thrown)))
    }
  }
}

/** A dry run starts nothing, and what was stopped serves nobody. Where there is no ledger the live system says where traffic stands: never that nothing serves because nobody wrote it down. */
async function located(session: Session, outcome: Outcome): Promise<Outcome> {
  const { scene, known, about } = session
  if (scene.policy.dryRun && known !== undefined && (await nothingAnswers(scene, known)))
    return { ...outcome, position: `nothing answers now; it was left at ${outcome.position}` }
  const found = known === undefined ? await livePosition(scene) : undefined
  if (found === undefined) return outcome
  if (about === undefined) {
    const what = `${scene.service} in ${scene.environment} has no ledger at ${scene.ledgers.address}, yet it serves (${found})`
    scene.narrator.warn(
      `${what}. Run deploy with \`adopt: true\`: it writes the ledger anew from what serves.`,
    )
  }
  return { ...outcome, position: `${found}; there is no ledger` }
}

/** A step that was killed on the way to weight 0 is finished before anything else: whichever step comes next. */
async function finishSetback(session: Session): Promise<void> {
  const { rollout, ledger, scene } = session
  if (rollout?.phase !== 'failed' && rollout?.phase !== 'going-back') return
  if (ledger.intended === undefined && rollout.weight === 0) return
  if (scene.policy.dryRun || standingOf(ledger, scene.actor, scene.state, session.now()).kind !== 'ours')
    return
  await session.take()
  scene.narrator.say(`Finishing what was begun: all requests go to stable (${rollout.setback.reason})`)
  await setBack(session, rollout.setback.reason, rollout.phase)
}

async function interrupted(session: Session, thrown: unknown): Promise<Outcome> {
  if (thrown instanceof Cancelled || session.signal.aborted) return cancelled(session)
  if (thrown instanceof UserError) return stopped(session, thrown)
  await displacedWhileResting(session)
  throw thrown
}

/** A ledger that somebody writes again and again leaves no moment to decide in. */
function restless(cause: LedgerConflict): UserError {
  return new UserError(`the ledger was changed by somebody else at each of ${DECISIONS_LIMIT} tries`, {
    hint: 'Nothing was changed. Run the step again when the other runs have ended.',
    cause,
  })
}

async function stopped(session: Session, first: UserError): Promise<Outcome> {
  const problem = (await displacedWhileResting(session)) ?? first
  const held = session.rollout?.onHold !== undefined
  const report = problem instanceof CheckFailed ? problem.report : undefined
  const result = held ? 'held' : 'failed'
  return { ...outcomeOf(session, { result, sentence: problem.message, ...(report && { report }) }), problem }
}

/** Whoever displaced this step is what it should tell of: what it stumbled over was their work. */
async function displacedWhileResting(session: Session): Promise<Displaced | undefined> {
  try {
    await rest(session)
    return undefined
  } catch (thrown) {
    if (thrown instanceof Displaced) return thrown
    if (!(thrown instanceof UserError)) throw thrown
    session.scene.narrator.warn(
      `The lease could not be given back (${thrown.message}); it goes stale by itself.`,
    )
    return undefined
  }
}

/** Leaves traffic in a stated position, and says where it stands also when that does not succeed. */
async function cancelled(session: Session): Promise<Outcome> {
  session.outliveCancellation()
  const problem = new UserError('the job was cancelled', {
    hint: 'Where traffic stands is stated with this. To try again, re-run all jobs; to take back what is held, run `rollback`.',
  })
  try {
    const done = await leaveStated(session)
    await rest(session)
    return { ...outcomeOf(session, done), problem }
  } catch (thrown) {
    if (thrown instanceof UserError) return stopped(session, thrown)
    throw thrown
  }
}

/** Back at stable, unless the rollout was opened with `on-cancel: hold`. What had begun to go back is finished. */
async function leaveStated(session: Session): Promise<StepResult> {
  const { rollout } = session
  if (!session.held) return { result: 'failed', sentence: 'cancelled before anything was changed' }
  if (rollout === undefined) return { result: 'failed', sentence: 'cancelled; no rollout is open' }
  const doomed = rollout.phase === 'failed' || rollout.phase === 'going-back'
  if (rollout.onCancel === 'hold' && !doomed) {
    const onHold = 'the job was cancelled (on-cancel: hold)'
    await session.note({ what: 'cancelled, held (on-cancel: hold)' }, (open) => ({ ...open, onHold }))
    return { result: 'held', sentence: `cancelled; held at ${rollout.weight} % (on-cancel: hold)` }
  }
  if (doomed) await setBack(session, rollout.setback.reason, rollout.phase)
  else if (isUnderway(rollout)) await setBack(session, 'the job was cancelled')
  return { result: 'failed', sentence: 'cancelled; all requests go to stable' }
}

/** Gives the lease back; an open rollout rests until the next step of the job. */
async function rest(session: Session): Promise<void> {
  const { policy } = session.scene
  const until = new Date(session.now().getTime() + policy.timing.restMs).toISOString()
  const resting: Rest = { kind: 'rest', until }
  await session.release((ledger) => {
    const { rollout } = ledger
    if (rollout === undefined) return ledger
    // Somebody else's keeps its time; one that never rested gets one, or nobody could ever take it back.
    const time = belongs(session, rollout) ? resting : (rollout.rest ?? resting)
    return { ...ledger, rollout: { ...rollout, rest: time } }
  })
}

/** A result, completed by where everything stands. */
export function outcomeOf(session: Session, done: StepResult): Outcome {
  const { ledger } = session
  const rollout =
    ledger.rollout !== undefined && belongs(session, ledger.rollout) ? ledger.rollout : undefined
  const past = rollout === undefined ? pastOf(session) : undefined
  const candidate = candidateOf(rollout)
  const version = candidate?.release.version ?? past?.version
  const shown = rollout ?? past
  return {
    ...done,
    position: describePosition(ledger),
    standby: standbyIn(ledger),
    earlier: earlierIn(ledger),
    ...(rollout === undefined && ledger.rollout !== undefined && { other: ledger.rollout }),
    ...(shown !== undefined && { state: shown.id, rollout: shown }),
    ...(ledger.stable !== undefined && { stableVersion: ledger.stable.release.version }),
    ...(version !== undefined && { candidateVersion: version }),
    ...(candidate !== undefined && { slot: candidate.place }),
    ...(rollout !== undefined && { weight: rollout.weight }),
    ...(past?.outcome === 'promoted' &&
      ledger.stable?.rollout === past.id && { weight: 100, slot: ledger.stable.place }),
  }
}

function pastOf(session: Session): ClosedRollout | undefined {
  const past = closedBySession(session)
  return session.about === undefined || past?.version === session.about ? past : undefined
}

/** What `rollback` takes as `to`, but for what its platform can still start. */
function earlierIn({ releases, stable, excluded }: Ledger): readonly string[] {
  return releases
    .filter(({ latest }) => latest === 'promoted')
    .map(({ release }) => release.version)
    .filter((version) => version !== stable?.release.version)
    .filter((version) => !excluded.some((entry) => entry.version === version))
}

/** What runs besides stable and the candidate. */
function standbyIn(ledger: Ledger): readonly Standby[] {
  const candidate = candidateOf(ledger.rollout)
  const busy = [ledger.stable?.place, candidate?.place]
  return Object.values(ledger.places)
    .filter((placed) => !busy.includes(placed.place))
    .map(({ place, release }) => {
      const until = ledger.retire.find((entry) => entry.place === place)?.after
      return { place, version: release.version, ...(until !== undefined && { until }) }
    })
}

function belongs(session: Session, rollout: OpenRollout): boolean {
  return rollout.id === session.scene.state || isOwnedBy(rollout.owner, session.scene.actor)
}

function withPatience(scene: Scene, signal: () => AbortSignal): Scene {
  const { clock, narrator } = scene
  const patience = { clock, narrator, signal, limitMs: scene.policy.timing.confirmDeadlineMs }
  return {
    ...scene,
    platform: patiently(scene.platform.name, scene.platform, patience),
    router: scene.router === undefined ? undefined : patiently(scene.router.name, scene.router, patience),
    ledgers: patiently('the ledger', scene.ledgers, patience),
    schema: scene.schema === undefined ? undefined : patiently('the schema', scene.schema, patience),
  }
}
