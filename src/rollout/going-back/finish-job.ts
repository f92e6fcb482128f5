import { goBack } from './go-back.js'
import { CheckFailed } from '../interruption.js'
import type { OpenRollout } from '../ledger/ledger.js'
import type { StepResult } from '../outcome.js'
import { isInPlace } from '../plan.js'
import { promote } from '../promote.js'
import type { Session } from '../session.js'
import { isStale, standingOf } from '../ledger/standing.js'
import { withEntry } from '../timeline.js'

export type JobStatus = 'success' | 'failure' | 'cancelled'

/**
 * What the post step does, knowing how the job ended: a failed or cancelled job goes back, a good one parks the
 * rollout for the jobs to come. It acts only on this run's open rollout; after promotion there is none, so a later
 * step that fails undoes nothing.
 */
export async function finishJob(session: Session, status: JobStatus): Promise<StepResult> {
  const { rollout, scene, ledger } = session
  const standing = standingOf(ledger, scene.actor, scene.state, session.now())
  if (rollout === undefined || standing.kind !== 'ours')
    return { result: 'unchanged', sentence: 'no rollout of this run is open' }
  if (scene.policy.dryRun)
    return { result: 'unchanged', sentence: 'dry run: the open rollout is left as it is' }
  if (status === 'success' && otherJobAtWork(session))
    return {
      result: 'unchanged',
      sentence: `another job of this run is at work on it: ${ledger.lease?.step}`,
    }
  if (mustGoBack(rollout, status)) {
    const reason =
      status === 'success'
        ? 'it had failed'
        : `the job ${status === 'cancelled' ? 'was cancelled' : 'failed'}`
    await session.take()
    return takenBack(session, reason)
  }
  // Every action of the job has a post step: the first one parks, the others have nothing left to do.
  if (rollout.rest?.kind === 'parked' && ledger.lease === undefined) {
    return { result: 'unchanged', sentence: `parked until ${rollout.rest.until}` }
  }
  await session.take()
  if (isInPlace(scene.policy.plan.strategy) && rollout.phase === 'shifting') {
    return closeInPlace(session, rollout)
  }
  return park(session, rollout)
}

async function takenBack(session: Session, reason: string): Promise<StepResult> {
  await goBack(session, reason)
  const stable = session.ledger.stable?.release.version
  return {
    result: 'rolled-back',
    sentence: `taken back (${reason}); ${stable ?? 'no release'} serves`,
    ...(stable !== undefined && { restoredVersion: stable }),
  }
}

/** Nobody comes after the end of the job: what is not ready then is taken back here, unless a failed check holds it. */
async function closeInPlace(session: Session, rollout: OpenRollout): Promise<StepResult> {
  try {
    await promote(session)
  } catch (thrown) {
    if (!(thrown instanceof CheckFailed)) throw thrown
    if (session.rollout?.onHold === undefined) return takenBack(session, thrown.message)
    session.scene.narrator.warn(`Not closed, and held (on-fail: hold): ${thrown.message}`)
    return park(session, rollout)
  }
  return { result: 'succeeded', sentence: 'the job ended well: the rollout is closed' }
}

/** A job that ends well beside the one that holds a weight must not take the lease out of its hands. */
function otherJobAtWork(session: Session): boolean {
  const { lease } = session.ledger
  if (lease === undefined || isStale(lease, session.now())) return false
  return session.rollout?.job !== session.scene.actor.job
}

function mustGoBack(rollout: OpenRollout, status: JobStatus): boolean {
  if (rollout.phase === 'failed' || rollout.phase === 'going-back') return true
  // Kept in the ledger: it holds for whichever step was running, the user's own included.
  if (status === 'cancelled' && rollout.onCancel === 'hold') return false
  return status !== 'success' && rollout.onHold === undefined
}

/** Gives the lease back with the parking time, so that it does not merely rest. */
async function park(session: Session, rollout: OpenRollout): Promise<StepResult> {
  const now = session.now()
  const until = new Date(now.getTime() + session.scene.policy.timing.parkMs).toISOString()
  const entry = {
    at: now.toISOString(),
    what: `parked at ${rollout.weight} % until ${until}`,
    weight: rollout.weight,
  }
  await session.release((ledger) => {
    if (ledger.rollout === undefined) return ledger
    const timeline = withEntry(ledger.rollout.timeline, entry)
    return { ...ledger, rollout: { ...ledger.rollout, timeline, rest: { kind: 'parked', until } } }
  })
  return { result: 'held', sentence: `parked at ${rollout.weight} % for the jobs to come, until ${until}` }
}
