import { goBack } from './go-back.js'
import { candidateOf, type OpenRollout } from '../ledger/ledger.js'
import type { StepResult } from '../outcome.js'
import type { Session } from '../session.js'

/** Takes an open rollout back, and says what serves then: of a rollback as of the sweep. */
export async function takeBack(session: Session, rollout: OpenRollout, reason: string): Promise<StepResult> {
  const version = candidateOf(rollout)?.release.version
  const stable = session.ledger.stable?.release.version
  if (session.scene.policy.dryRun) {
    return {
      result: 'unchanged',
      sentence: `dry run: would take back ${version ?? 'the reservation'}; all requests would go to ${stable ?? 'nobody'}`,
    }
  }
  await session.take()
  const seconds = await goBack(session, reason)
  if (stable === undefined) {
    if (version === undefined)
      return { result: 'rolled-back', sentence: `the reservation was given up: ${reason}`, seconds }
    return {
      result: 'failed',
      sentence: `${version} was taken back, and no release serves now: ${reason}`,
      seconds,
    }
  }
  return {
    result: 'rolled-back',
    sentence: `${stable} serves all requests: ${reason}`,
    restoredVersion: stable,
    seconds,
  }
}
