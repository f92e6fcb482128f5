import { deploy } from './deploy.js'
import { closedBySession } from './find-rollout.js'
import { isOwnedBy, type OpenRollout } from './ledger.js'
import type { StepResult } from './outcome.js'
import type { Release } from './release.js'
import type { Session } from './session.js'
import { standingOf } from './standing.js'
import { takeBack } from './take-back.js'
import { UserError } from './user-error.js'

export interface RollbackWish {
  /** The version to return to; the stable one if not given. */
  readonly to?: string
  /** Why, for the record. */
  readonly reason?: string
  /** How the job stands as the step runs; a promotion is only undone by its own failed job. */
  readonly jobStatus: 'success' | 'failure' | 'cancelled'
}

/**
 * Goes back to stable, or to a named release. It stands after `if: failure()` and must not hide the first error, so
 * where there is nothing to go back from, or the rollout is somebody else's, it answers `unchanged`.
 */
export async function rollback(session: Session, wish: RollbackWish): Promise<StepResult> {
  if (wish.to !== undefined) return rollbackTo(session, wish.to, wish)
  const { scene, rollout } = session
  const standing = standingOf(session.ledger, scene.actor, scene.state, session.now())
  if (standing.kind === 'busy' || standing.kind === 'foreign') {
    const whose = standing.kind === 'busy' ? standing.who : `the service belongs to ${standing.repository}`
    return { result: 'unchanged', sentence: `nothing of this run is to be taken back (${whose})` }
  }
  if (rollout !== undefined)
    return takeBack(session, rollout, wish.reason ?? whyOf(rollout) ?? 'rollback was asked for')
  return undoPromotion(session, wish)
}

/** After promotion only the job that promoted may undo it by having failed; anybody else must say where to. */
async function undoPromotion(session: Session, wish: RollbackWish): Promise<StepResult> {
  const { ledger, scene } = session
  const past = closedBySession(session)
  const promotedHere =
    past?.outcome === 'promoted' &&
    ledger.stable?.rollout === past.id &&
    past.job === scene.actor.job &&
    isOwnedBy(past.owner, scene.actor)
  if (!promotedHere || wish.jobStatus === 'success') {
    return { result: 'unchanged', sentence: nothingToUndo(session, past?.outcome) }
  }
  const previous = ledger.releases.find(
    (known) => known.latest === 'promoted' && known.release.version !== past.version,
  )
  if (previous === undefined)
    return {
      result: 'unchanged',
      sentence: 'no release was stable before this one: there is nothing to go back to',
    }
  return returnTo(
    session,
    previous.release,
    wish.reason ?? `the job that promoted ${past.version ?? 'it'} has failed`,
  )
}

function nothingToUndo(session: Session, outcome: string | undefined): string {
  const stable = session.ledger.stable?.release.version
  if (outcome === 'promoted')
    return `${stable ?? 'the release'} was promoted by this run and stays; to undo it, say \`to\` (which release)`
  if (outcome === 'taken-back')
    return `this run’s rollout was taken back already; ${stable ?? 'no release'} serves`
  return 'there is no rollout of this run to take back'
}

async function rollbackTo(session: Session, version: string, wish: RollbackWish): Promise<StepResult> {
  const { ledger, rollout, scene } = session
  const standing = standingOf(ledger, scene.actor, scene.state, session.now())
  if (ledger.stable?.release.version === version) {
    if (rollout !== undefined && standing.kind !== 'busy' && standing.kind !== 'foreign')
      return takeBack(session, rollout, wish.reason ?? `rollback to ${version}`)
    if (rollout === undefined) return { result: 'unchanged', sentence: `${version} is stable already` }
  }
  const known = ledger.releases.find((release) => release.release.version === version)
  if (known !== undefined) return returnTo(session, known.release, wish.reason ?? `rollback to ${version}`)
  const names = ledger.releases.map((release) => release.release.version)
  throw new UserError(`to: ${JSON.stringify(version)} is not a release that the ledger knows`, {
    hint: names.length === 0 ? 'It knows none yet.' : `It knows ${names.join(', ')}. Nothing was changed.`,
  })
}

async function returnTo(session: Session, release: Release, reason: string): Promise<StepResult> {
  const start = session.scene.clock.monotonicMs()
  session.scene.narrator.say(`Returning to ${release.version}: ${reason}`)
  const done = await deploy(session, release)
  if (done.result !== 'succeeded') return done
  return {
    ...done,
    result: 'rolled-back',
    sentence: `${release.version} serves all requests again: ${reason}`,
    restoredVersion: release.version,
    seconds: (session.scene.clock.monotonicMs() - start) / 1000,
  }
}

function whyOf(rollout: OpenRollout): string | undefined {
  return rollout.phase === 'failed' || rollout.phase === 'going-back' ? rollout.setback.reason : undefined
}
