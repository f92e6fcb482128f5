import { goBack } from './go-back.js'
import { candidateOf, type OpenRollout } from '../ledger/ledger.js'
import type { StepResult } from '../outcome.js'
import type { Session } from '../session.js'

/** Takes an open rollout back, and says what serves then: of a rollback as of the sweep. */
export async function takeBack(session: Session, rollout: OpenRollout, reason: string): Promise<StepResult> {
  const version = candidateOf(rollout)?.release.version
  const stable = session.ledger.stable?.release.version
  if (session.scene.policy.dryRun) return describeTakingBack(session, version)
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

async function describeTakingBack(session: Session, version: string | undefined): Promise<StepResult> {
  const stable = session.ledger.stable?.release.version
  const what = `take back ${version ?? 'the reservation'}`
  const first = version === undefined ? '' : await describeStableFirst(session)
  return {
    result: 'unchanged',
    sentence: `dry run: would ${first}${what}; all requests would go to ${stable ?? 'nobody'}`,
  }
}

/** What comes before the weight is moved where stable has lost replicas, or was stopped altogether. */
async function describeStableFirst({ scene, ledger: { stable } }: Session): Promise<string> {
  if (stable === undefined || scene.router?.sides === 'variants') return ''
  const { ready } = (await scene.platform.observe())[stable.place] ?? { ready: 0 }
  const full = stable.replicas ?? 1
  if (ready >= full) return ''
  return `first bring ${stable.release.version} back to ${full} ready replicas in ${stable.place} (${ready} now), then `
}
