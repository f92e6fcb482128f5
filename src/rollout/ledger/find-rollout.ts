import {
  describeRollout,
  isOwnedBy,
  isUnderway,
  type ClosedRollout,
  type Ledger,
  type Underway,
} from './ledger.js'
import type { Session } from '../session.js'
import { standingOf } from './standing.js'
import { UserError } from '../user-error.js'

/** What a step that goes on with a rollout finds. */
export type Found =
  | { readonly kind: 'underway'; readonly rollout: Underway }
  /** Nothing is left to do: the release is stable. */
  | { readonly kind: 'settled'; readonly sentence: string }

/**
 * Finds the rollout that this step belongs to: by the state it was handed, else by its run.
 * @throws UserError where there is none to go on with; nothing was changed then
 */
export function findRollout(session: Session): Found {
  const { scene, ledger, rollout } = session
  const standing = standingOf(ledger, scene.actor, scene.state, session.now())
  if (standing.kind === 'foreign') throw foreign(standing.repository, scene.service)
  if (standing.kind === 'ours' && rollout !== undefined && isMeant(rollout.id, scene.state)) {
    if (isUnderway(rollout)) return { kind: 'underway', rollout }
    if (rollout.phase === 'reserved') {
      throw new UserError(`nothing is deployed yet: ${describeRollout(rollout)}`, {
        hint: 'Run deploy before this step.',
      })
    }
    throw new UserError(`this rollout has failed: ${rollout.setback.reason}`, {
      hint: 'Only going back may follow: run rollback, then re-run all jobs of the workflow.',
    })
  }
  const settled = ledger.settled.find((run) => isOwnedBy(run.owner, scene.actor))
  if (settled !== undefined && ledger.stable?.release.version === settled.version) {
    return { kind: 'settled', sentence: `${settled.version} was stable already when this run deployed it` }
  }
  if (scene.state !== undefined && !knows(ledger, scene.state)) throw unknownState(session, scene.state)
  const past = closedBySession(session)
  if (past === undefined) throw lost(session, standing.kind === 'busy' ? standing.who : undefined)
  if (past.outcome === 'promoted' && ledger.stable?.rollout === past.id) {
    return {
      kind: 'settled',
      sentence: `${past.version ?? 'the release'} is stable already, promoted at ${past.closedAt}`,
    }
  }
  const how =
    past.outcome === 'promoted'
      ? 'promoted, and replaced since'
      : `taken back${past.reason === undefined ? '' : `: ${past.reason}`}`
  throw new UserError(`the rollout of ${past.version ?? 'this run'} is closed: ${how}`, {
    hint: 'Re-run all jobs: GitHub keeps the outputs of jobs that are not run again, so this job alone would go on with a rollout that is over.',
  })
}

/** A step that was handed the state of another rollout does not go on with the one that its run has open now. */
function isMeant(id: string, state: string | undefined): boolean {
  return state === undefined || state === id
}

function knows({ rollout, closed }: Ledger, state: string): boolean {
  return rollout?.id === state || closed.some(({ id }) => id === state)
}

function unknownState({ scene }: Session, state: string): UserError {
  return new UserError(
    `state: ${JSON.stringify(state)} names no rollout of ${scene.service} in ${scene.environment} that the ledger knows`,
    {
      hint: 'Hand over the `state` output of the deploy step, or leave it out: the ledger knows the rollout of this run. Nothing was changed.',
    },
  )
}

/** The newest closed rollout that this step may mean. */
export function closedBySession(session: Session): ClosedRollout | undefined {
  const { scene, ledger } = session
  return (
    ledger.closed.find((closed) => closed.id === scene.state) ??
    ledger.closed.find((closed) => isOwnedBy(closed.owner, scene.actor))
  )
}

function lost({ scene, rollout }: Session, busyWith: string | undefined): UserError {
  const { service, environment, state } = scene
  if (busyWith !== undefined) {
    const handed = state !== undefined && rollout?.id === state
    return new UserError(`${service} is busy: ${busyWith}`, {
      hint: handed
        ? 'Another run is at work on the rollout of this `state`: run this step again when that step has ended. Nothing was changed.'
        : 'This step belongs to no rollout of that run. To go on with that one, hand over the `state` output of its deploy step; to begin one of this run, run deploy first, with `if-busy: wait` or `if-busy: supersede`. Nothing was changed.',
    })
  }
  return new UserError(`there is no rollout of ${service} in ${environment} for this step to go on with`, {
    hint: 'Run deploy first, in this run, or hand over the `state` output of the deploy step.',
  })
}

/** Another repository owns the service: only `adopt: true` takes it over. */
export function foreign(repository: string, service: string): UserError {
  return new UserError(`${service} belongs to the repository ${repository}`, {
    hint: 'Deploy it from there. If the service has moved to this repository, say `adopt: true` in deploy once.',
  })
}
