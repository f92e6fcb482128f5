import { describeRollout, isOwnedBy, type Ledger, type Lease, type Owner } from './ledger.js'

/**
 * How a step stands to the rollout that is open for its service. A run that was refused must never be able to
 * touch somebody else's healthy rollout by its own `if: failure()`.
 */
export type Standing =
  /** No rollout is open. */
  | { readonly kind: 'free' }
  /** This run opened it, in any attempt, or the step was handed its state. */
  | { readonly kind: 'ours' }
  /** Somebody else's, and abandoned: its lease is stale, or its rest or parking time is over. */
  | { readonly kind: 'lapsed'; readonly why: string }
  /** Somebody else's, and alive. */
  | { readonly kind: 'busy'; readonly who: string; readonly atWork: boolean }
  /** Another repository owns the service. */
  | { readonly kind: 'foreign'; readonly repository: string }

/**
 * @param state the rollout that the step was handed, if it was
 * @param now the time of the ledger's target, by which leases and resting times run out
 */
export function standingOf(ledger: Ledger, actor: Owner, state: string | undefined, now: Date): Standing {
  if (ledger.repository !== actor.repository) return { kind: 'foreign', repository: ledger.repository }
  const { rollout, lease } = ledger
  const takenByAnother = lease !== undefined && !isOwnedBy(lease.owner, actor) && !isStale(lease, now)
  const ours = rollout !== undefined && (isOwnedBy(rollout.owner, actor) || rollout.id === state)
  if (ours && !takenByAnother) return { kind: 'ours' }
  if (lease !== undefined && !isOwnedBy(lease.owner, actor)) {
    if (takenByAnother) return { kind: 'busy', who: describeHolder(ledger, lease), atWork: true }
    if (rollout === undefined) return { kind: 'free' }
    return { kind: 'lapsed', why: `its ${lease.step} has not been heard of since ${lease.renewedAt}` }
  }
  if (rollout === undefined) return { kind: 'free' }
  const until = rollout.rest?.until
  if (until !== undefined && now.getTime() > Date.parse(until)) {
    return {
      kind: 'lapsed',
      why: `its ${rollout.rest?.kind === 'parked' ? 'parking' : 'resting'} time was over at ${until}`,
    }
  }
  return { kind: 'busy', who: describeRollout(rollout), atWork: false }
}

/** A holder that has not renewed its lease for its own stale time is taken for dead. */
export function isStale(lease: Lease, now: Date): boolean {
  return now.getTime() - Date.parse(lease.renewedAt) > lease.staleAfterMs
}

function describeHolder(ledger: Ledger, lease: Lease): string {
  if (ledger.rollout !== undefined) return `${describeRollout(ledger.rollout)}, now at work: ${lease.step}`
  return `${lease.step} of run ${lease.owner.run} of ${lease.owner.repository}`
}
