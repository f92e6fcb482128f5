import { isOwnedBy } from './ledger.js'
import { retireDue } from '../retire.js'
import type { Session } from '../session.js'

/**
 * Gives back the lease of a step of this run that was killed where no rollout is open: before it was opened, or after
 * it was closed. Otherwise everybody else would be refused until it is stale, although nothing is left to be done by
 * anybody. What that step had still to retire is retired.
 */
export async function giveBackDeadLease(session: Session): Promise<void> {
  const { scene, held, known } = session
  if (held || scene.policy.dryRun || known?.lease === undefined || known.rollout !== undefined) return
  if (!isOwnedBy(known.lease.owner, scene.actor)) return
  await session.take()
  await retireDue(session)
}
