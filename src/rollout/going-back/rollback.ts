import { deploy } from '../deploying/deploy.js'
import { closedBySession, foreign } from '../ledger/find-rollout.js'
import { isOwnedBy, type KnownRelease, type OpenRollout } from '../ledger/ledger.js'
import type { StepResult } from '../outcome.js'
import type { Release } from '../release.js'
import type { Session } from '../session.js'
import { standingOf } from '../ledger/standing.js'
import { takeBack } from './take-back.js'
import { UserError } from '../user-error.js'

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
  if (standing.kind === 'foreign') throw foreign(standing.repository, scene.service)
  if (standing.kind === 'busy') throw inTheWay(session, standing.who, version)
  if (ledger.stable?.release.version === version) {
    if (rollout !== undefined) return takeBack(session, rollout, wish.reason ?? `rollback to ${version}`)
    return { result: 'unchanged', sentence: `${version} is stable already` }
  }
  const known = ledger.releases.find((release) => release.release.version === version)
  if (known?.latest !== 'promoted') throw neverStable(session, version, known)
  if (!(await canStart(session, known))) throw unstartable(version)
  return returnTo(session, known.release, wish.reason ?? `rollback to ${version}`)
}

/** Whoever asks for a release by name must not read that all is well while another run’s candidate has traffic. */
function inTheWay({ rollout, scene }: Session, who: string, version: string): UserError {
  const byState = rollout === undefined ? '' : `, or run rollback with \`state: ${rollout.id}\``
  return new UserError(`${scene.service} is busy, and ${version} does not serve everybody: ${who}`, {
    hint: `Stop that rollout first: cancel its run${byState}. Then run this again if ${version} is not stable by then. Nothing was changed.`,
  })
}

/** A release that was adopted as it was found has no handle and may have no image: it can only be used while it runs. */
async function canStart({ scene }: Session, { release, handle }: KnownRelease): Promise<boolean> {
  if (handle !== undefined || release.image !== undefined) return true
  return Object.values(await scene.platform.observe()).some((there) => there.version === release.version)
}

function unstartable(version: string): UserError {
  return new UserError(`${version} was adopted as it was found and does not run any more`, {
    hint: 'Nothing says how to start it again: re-run the workflow that deployed it. Nothing was changed.',
  })
}

/** Only what was stable can be gone back to: a release that was taken back would have to prove itself first. */
function neverStable({ ledger }: Session, version: string, known: KnownRelease | undefined): UserError {
  const stable = ledger.releases
    .filter((other) => other.latest === 'promoted')
    .map((other) => other.release.version)
  const what =
    known === undefined
      ? 'is not a release that the ledger knows'
      : `was taken back${known.reason === undefined ? '' : ` (${known.reason})`}: it is no release to go back to`
  const others =
    stable.length === 0 ? 'No other release was stable yet.' : `Stable before: ${stable.join(', ')}.`
  return new UserError(`to: ${JSON.stringify(version)} ${what}`, {
    hint: `${others}${known === undefined ? '' : ' To try it again, deploy it: it walks the plan.'} Nothing was changed.`,
  })
}

async function returnTo(session: Session, release: Release, reason: string): Promise<StepResult> {
  const start = session.scene.clock.monotonicMs()
  session.scene.narrator.say(`Returning to ${release.version}: ${reason}`)
  const done = await deploy(session, release, 'recorded')
  // With `return: as-rollout` it only stands ready at 0 %, and walks the plan like any other.
  if (done.restoredVersion === undefined) return done
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
