import { actOn, failCheck } from './act-on.js'
import { missingCapacity } from './capacity.js'
import { confirmShare, confirmSilence, SILENCE_ANSWERS, type Observation } from './confirm.js'
import { requireConfirmable } from './confirmable.js'
import { formatDuration } from './duration.js'
import { findRollout } from './ledger/find-rollout.js'
import { hold, type Hold, type HoldFinding } from './hold.js'
import { CheckFailed } from './interruption.js'
import type { Underway } from './ledger/ledger.js'
import type { StepResult } from './outcome.js'
import { splitFor } from './place.js'
import { canExpress } from './ports/router.js'
import { promote } from './promote.js'
import type { Session } from './session.js'
import { withEntry } from './timeline.js'
import { readUndisturbed, settleSplit, sidesOf, writeSplit } from './traffic.js'
import { UserError } from './user-error.js'
import type { Weight } from './weight.js'

export interface Shift extends Hold {
  readonly weight: Weight
}

/** Moves the weight, confirms it, holds it while looking on, and at 100 promotes. */
export async function shift(session: Session, wanted: Shift): Promise<StepResult> {
  const found = findRollout(session)
  if (found.kind === 'settled') return { result: 'unchanged', sentence: found.sentence }
  const idle = reasonToStay(session, found.rollout, wanted)
  if (idle !== undefined) return { result: 'unchanged', sentence: idle }
  refuseInexpressible(session, wanted.weight)
  requireConfirmable(session, [wanted.weight])
  if (session.scene.policy.dryRun) return describeShift(session, wanted)
  await session.take()
  if (found.rollout.phase === 'promoting') {
    await readUndisturbed(session)
    await promote(session)
    return { result: 'succeeded', sentence: sentenceOf(session, wanted.weight, undefined) }
  }
  const observation = await moveTo(session, wanted.weight)
  const finding = wanted.holdMs > 0 ? await hold(session, wanted) : undefined
  if (finding !== undefined) await actOn(session, finding)
  if (finding === undefined || finding.verdict === 'pass') {
    const passed = { weight: wanted.weight, holdMs: wanted.holdMs, judged: isJudged(session, wanted) }
    await session.updateRollout((rollout) => ({ ...rollout, held: [...rollout.held, passed] }))
  }
  if (wanted.weight === 100) await promote(session)
  return {
    result: 'succeeded',
    sentence: sentenceOf(session, wanted.weight, finding),
    ...shareText(observation),
    ...(finding !== undefined && { verdict: finding.verdict }),
    ...(finding?.report !== undefined && { report: finding.report }),
  }
}

/** Sets a weight and confirms it by real responses: capacity first, then the router, then the answers. */
export async function moveTo(session: Session, weight: Weight): Promise<Observation> {
  await requireCapacity(session)
  const split = splitFor(sidesOf(session.scene, session.ledger), weight)
  session.scene.narrator.say(`Setting the weight to ${weight} %`)
  await writeSplit(session, { split, overStrangers: false })
  const observation = await confirmWeight(session, weight)
  const what = `weight ${weight} %${observation.kind === 'measured' ? `, confirmed: ${observation.text}` : ''}`
  const at = session.now().toISOString()
  await settleSplit(session, split, (ledger) => {
    if (ledger.rollout === undefined) return ledger
    const { onHold: _over, ...rollout } = ledger.rollout
    return {
      ...ledger,
      rollout: { ...rollout, weight, timeline: withEntry(rollout.timeline, { at, what, weight }) },
    }
  })
  session.scene.narrator.say(
    observation.kind === 'measured'
      ? `Confirmed: ${observation.text}`
      : `Observed share unknown: ${observation.why}`,
  )
  return observation
}

async function confirmWeight(session: Session, weight: Weight): Promise<Observation> {
  const { ledger } = session
  const candidate = session.candidate?.release.version
  if (candidate === undefined) throw new Error('there is no candidate to confirm')
  const stable = ledger.stable?.release.version
  if (weight < 100) return confirmShare(session, weight, candidate)
  const silence = await confirmSilence(session, {
    silent: stable ?? 'nothing',
    speaking: candidate,
    answers: SILENCE_ANSWERS,
    mustBeHeard: true,
  })
  return silence.kind === 'measured' ? { ...silence, share: 1 } : silence
}

/** No weight without replicas that are ready and that the router itself sees (trap 2). */
async function requireCapacity(session: Session): Promise<void> {
  const lack = await missingCapacity(session)
  if (lack === undefined) return
  if (session.scene.policy.onFail !== 'report') await failCheck(session, lack)
  // Readiness is no advisory check: with `on-fail: report` the weight stays where it is.
  throw new CheckFailed(lack, { hint: 'The weight was not moved. Run the step again when it is ready.' })
}

function reasonToStay(session: Session, rollout: Underway, wanted: Shift): string | undefined {
  const { weight } = wanted
  if (rollout.phase === 'placing') {
    throw new UserError(`${rollout.candidate.release.version} is not ready yet: its deploy did not finish`, {
      hint: 'Run deploy again, then this step.',
    })
  }
  if (session.scene.router === undefined) return 'this strategy updates in place: there is no weight to move'
  if (weight < 100 && session.ledger.stable === undefined) {
    session.scene.narrator.notice(
      'No release is live yet: there is nothing to share the requests with before 100 %.',
    )
    return 'no release is live yet: weights below 100 % do nothing'
  }
  const reached = rollout.phase === 'promoting' ? 100 : rollout.weight
  if (weight < reached) return stayAt(session, reached, weight)
  if (weight !== reached || weight === 100) return undefined
  if (weight === 0) return 'the candidate has no requests, as it was asked for'
  return passedAlready(session, rollout, wanted)
}

/** A re-run does not hold again what was held; one that holds longer, or judges where nothing was judged, does. */
function passedAlready(session: Session, { held }: Underway, wanted: Shift): string | undefined {
  const passed = held.find(
    ({ weight, holdMs, judged }) =>
      weight === wanted.weight && holdMs >= wanted.holdMs && (judged || !isJudged(session, wanted)),
  )
  if (passed === undefined) return undefined
  const howLong = passed.holdMs > 0 ? `was held for ${formatDuration(passed.holdMs)} and passed` : 'was set'
  return `${wanted.weight} % ${howLong} already`
}

function isJudged({ scene }: Session, { holdMs, analyze }: Shift): boolean {
  return analyze && holdMs > 0 && scene.policy.analysis !== undefined && scene.metrics !== undefined
}

/** A re-run of early steps must not drag a rollout back; whoever wants less should know what takes it back. */
function stayAt({ scene }: Session, reached: number, wanted: Weight): string {
  const what = `The candidate keeps ${reached} %, although ${wanted} % was asked for: a step never takes a rollout back. The action \`rollback\` does, to 0 %.`
  if (wanted === 0) scene.narrator.warn(what)
  else scene.narrator.notice(what)
  return `the candidate has ${reached} % already; a step never takes a rollout back, \`rollback\` does`
}

function refuseInexpressible(session: Session, weight: Weight): void {
  const { router } = session.scene
  if (router === undefined || canExpress(router.can, weight)) return
  const allowed = router.can.weights === 'percent' ? 'whole percentages' : 'only 0 and 100'
  throw new UserError(`${router.name} cannot express a weight of ${weight} %: it takes ${allowed}`, {
    hint: 'Change the plan; a weight is never rounded.',
  })
}

function describeShift(session: Session, wanted: Shift): StepResult {
  const now = session.rollout?.weight ?? 0
  const promotes = wanted.weight === 100 ? ', then make it stable' : ''
  return {
    result: 'unchanged',
    sentence: `dry run: would move the weight from ${now} % to ${wanted.weight} %, hold it for ${formatDuration(wanted.holdMs)}${promotes}`,
  }
}

function sentenceOf(session: Session, weight: Weight, finding: HoldFinding | undefined): string {
  if (weight === 100) return `${session.ledger.stable?.release.version ?? 'the release'} is stable now`
  return `the candidate has ${weight} % of the requests${finding === undefined ? '' : `: ${finding.reason}`}`
}

function shareText(observation: Observation): { observedShare: string } {
  return { observedShare: observation.kind === 'measured' ? (observation.share * 100).toFixed(2) : 'unknown' }
}
