import { failCheck } from './act-on.js'
import { lastingLackOfCapacity } from './capacity.js'
import { closeRollout } from './close.js'
import { CheckFailed } from './interruption.js'
import {
  isUnderway,
  type Ledger,
  type Retirement,
  type StableRelease,
  type Underway,
} from './ledger/ledger.js'
import { isInPlace } from './plan.js'
import { retireDue } from './retire.js'
import type { Session } from './session.js'

/**
 * Makes the candidate stable. Roles swap and the rollout closes in one write of the ledger: before it, going back
 * wins; after it, others only tidy up. Then the old slot is retired, if that is due.
 * @throws CheckFailed where the candidate is not ready: what cannot answer is not made stable, whatever `on-fail` says
 */
export async function promote(session: Session): Promise<void> {
  const rollout = underway(session)
  await requireReady(session)
  await session.updateRollout((current) => ({ ...current, phase: 'promoting', candidate: rollout.candidate }))
  await session.assertOurs()
  await session.scene.platform.follow(rollout.candidate.place)
  await session.update((ledger) => promoted(session, ledger))
  await retireDue(session)
}

/** A candidate may have died since it was looked at last; no report and no killed step makes it stable all the same. */
async function requireReady(session: Session): Promise<void> {
  const lack = await lastingLackOfCapacity(session)
  if (lack === undefined) return
  if (session.scene.policy.onFail !== 'report') await failCheck(session, lack)
  throw new CheckFailed(lack, {
    hint: 'It was not made stable. Run the step again when it is ready, or roll back; a job that fails goes back when it ends.',
  })
}

function promoted(session: Session, ledger: Ledger): Ledger {
  const { rollout } = ledger
  if (rollout?.phase !== 'promoting') return ledger
  const now = session.now()
  const { attempt: _attempt, ...placed } = rollout.candidate
  const stable: StableRelease = { ...placed, since: now.toISOString(), rollout: rollout.id }
  const retire = retirementOfOld(session, ledger, rollout, now)
  return { ...closeRollout(ledger, rollout, { outcome: 'promoted', now, retire }), stable }
}

/** Blue-green keeps the old slot until the next deploy: that is its price. Canary retires it at once or after its warm time. */
function retirementOfOld(
  session: Session,
  ledger: Ledger,
  rollout: Underway,
  now: Date,
): readonly Retirement[] {
  const { plan, keepStableWarm } = session.scene.policy
  const old = ledger.stable
  if (old === undefined || old.place === rollout.candidate.place || isInPlace(plan.strategy)) return []
  if (keepStableWarm === 'until-next') return []
  const after = new Date(now.getTime() + keepStableWarm).toISOString()
  return [{ place: old.place, version: old.release.version, after }]
}

function underway(session: Session): Underway {
  const { rollout } = session
  if (isUnderway(rollout)) return rollout
  throw new Error(`a rollout that is ${rollout?.phase ?? 'closed'} cannot be promoted`)
}
