import { goBack } from '../going-back/go-back.js'
import { foreign } from '../ledger/find-rollout.js'
import { isUnderway, type Reserved } from '../ledger/ledger.js'
import { ownerOf } from '../scene.js'
import type { Session } from '../session.js'
import { standingOf } from '../ledger/standing.js'
import { UserError } from '../user-error.js'

/**
 * Opens a rollout before there is a release: a run that may not deploy changes no schema, and no contract races a
 * return. `deploy` of the same run takes it over. A rollout of this run that is open already is enough.
 */
export async function reserve(session: Session): Promise<void> {
  const { scene, rollout } = session
  const standing = standingOf(session.ledger, scene.actor, scene.state, session.now())
  if (standing.kind === 'foreign') throw foreign(standing.repository, scene.service)
  if (standing.kind === 'busy') {
    throw new UserError(`${scene.service} is busy: ${standing.who}`, {
      hint: 'No migration was run. Wait for it, or let that run finish or roll back.',
    })
  }
  if (standing.kind === 'ours' && rollout !== undefined) {
    const sameAttempt = rollout.owner.attempt === scene.actor.attempt
    if (sameAttempt && (rollout.phase === 'reserved' || isUnderway(rollout))) return session.take()
    if (sameAttempt)
      throw new UserError('this attempt’s rollout has failed: only going back may follow', {
        hint: 'Run rollback, then re-run all jobs.',
      })
  }
  await session.take()
  if (session.rollout !== undefined)
    await goBack(session, standing.kind === 'lapsed' ? `abandoned: ${standing.why}` : 'a new attempt begins')
  await session.update((ledger) => ({ ...ledger, rollout: reservation(session) }))
}

function reservation(session: Session): Reserved {
  const { actor, policy } = session.scene
  const now = session.now().toISOString()
  return {
    id: session.scene.randomId(),
    owner: ownerOf(actor),
    job: actor.job,
    kind: 'rollout',
    phase: 'reserved',
    openedAt: now,
    onCancel: policy.onCancel,
    weight: 0,
    held: [],
    blocks: [],
    visitors: [],
    timeline: [{ at: now, what: 'reserved for a migration' }],
  }
}
