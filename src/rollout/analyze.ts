import { actOn } from './act-on.js'
import { formatDuration } from './duration.js'
import { findRollout } from './ledger/find-rollout.js'
import { hold } from './hold.js'
import type { StepResult } from './outcome.js'
import type { Session } from './session.js'
import { UserError } from './user-error.js'

/** A judgement that is asked for apart from a step of the plan. */
export interface Analysis {
  /** How long both sides are looked at, in milliseconds. */
  readonly forMs: number
  /** Time between two looks, in milliseconds; the policy's if not given. */
  readonly intervalMs?: number
}

/** Judges at the weight that stands. @throws UserError where there is nothing to judge; CheckFailed on a failure */
export async function analyze(session: Session, wanted: Analysis): Promise<StepResult> {
  const found = findRollout(session)
  if (found.kind === 'settled') return { result: 'unchanged', sentence: found.sentence }
  if (session.scene.router === undefined)
    return {
      result: 'unchanged',
      sentence: 'this strategy updates in place: there is nothing to compare with',
    }
  if (session.ledger.stable === undefined)
    return { result: 'unchanged', sentence: 'no release is live yet: there is nothing to compare with' }
  if (found.rollout.weight === 0) {
    throw new UserError('the candidate has no requests yet (weight 0 %): there is nothing to judge', {
      hint: 'Run canary-step before analyze.',
    })
  }
  if (session.scene.policy.dryRun)
    return {
      result: 'unchanged',
      sentence: `dry run: would judge for ${formatDuration(wanted.forMs)} at ${found.rollout.weight} %`,
    }
  await session.take()
  const finding = await hold(session, {
    holdMs: wanted.forMs,
    analyze: true,
    ...(wanted.intervalMs !== undefined && { intervalMs: wanted.intervalMs }),
  })
  await actOn(session, finding)
  return {
    result: 'succeeded',
    sentence: finding.reason,
    verdict: finding.verdict,
    ...(finding.report !== undefined && { report: finding.report }),
  }
}
