import { formatDuration } from './duration.js'
import { setBack } from './going-back/go-back.js'
import type { HoldFinding } from './hold.js'
import { CheckFailed } from './interruption.js'
import type { Verdict } from './ports/judge.js'
import type { Session } from './session.js'

/** What a hold found decides what follows; on failure the weight is 0 before anything else is said or written. */
export async function actOn(session: Session, finding: HoldFinding): Promise<void> {
  const { policy, narrator } = session.scene
  const goOn = finding.verdict === 'inconclusive' && policy.analysis?.onInconclusive === 'continue'
  if (finding.verdict !== 'pass' && !goOn) await failCheck(session, finding.reason, finding)
  else await keep(session, finding)
  if (goOn) narrator.warn(`Going on although the evidence does not suffice: ${finding.reason}`)
}

/** Notes what a hold came to. What it has counted is kept by every write (`Session.carry`). */
async function keep(session: Session, finding: HoldFinding): Promise<void> {
  const { seen, verdict, reason } = finding
  const weight = session.rollout?.weight ?? 0
  const entry = {
    what: `held at ${weight} %${extensionText(finding)}`,
    weight,
    ...seen?.figures,
    verdict,
    reason,
  }
  await session.note(entry)
}

function extensionText({ extendedToMs }: Partial<HoldFinding>): string {
  if (extendedToMs === undefined) return ''
  return `, extended to ${formatDuration(Math.ceil(extendedToMs / 1_000) * 1_000)}`
}

/** A failed check: back, hold or report, as the config says. @throws CheckFailed unless it is only reported */
export async function failCheck(
  session: Session,
  reason: string,
  { report, seen, lastLook, extendedToMs, verdict = 'fail' }: Partial<HoldFinding> = {},
): Promise<void> {
  const { policy, narrator } = session.scene
  if (policy.onFail === 'report') {
    narrator.warn(`Failed, and only reported (on-fail: report): ${reason}`)
    const entry = { what: 'failed, and only reported', ...seen?.figures, verdict, reason }
    if (session.held) await session.note(entry)
    return
  }
  if (policy.onFail === 'hold') {
    const entry = { what: 'held after a failed check', ...seen?.figures, verdict, reason }
    await session.note(entry, (rollout) => ({ ...rollout, onHold: reason }))
    const hint = 'The weight is held (on-fail: hold). Roll back, or go on with the next step.'
    throw new CheckFailed(reason, { hint, ...(report && { report }) })
  }
  await setBack(session, reason)
  if (lastLook !== undefined) narrator.say(`The last look: ${lastLook}`)
  const found = verdict === 'fail' ? 'failed' : 'not shown to be harmless'
  const held = extendedToMs === undefined ? '' : ` (hold${extensionText({ extendedToMs })})`
  const what = `${found}${held}, weight 0 %`
  const entry = { what, weight: 0, ...seen?.figures, verdict, reason }
  await session.note(entry)
  const hint = whatNow(session, verdict)
  throw new CheckFailed(reason, { hint, ...(report && { report }) })
}

/**
 * What is left to do when the candidate has no traffic any more, or, in place, still has it. A release that could not be
 * judged is not blamed for that.
 */
function whatNow({ ledger, scene }: Session, verdict: Verdict): string {
  const stable = ledger.stable?.release.version
  const tidyUp = 'the rollback step, or the end of the job,'
  if (scene.router === undefined)
    return `It was updated in place: ${tidyUp} ${stable === undefined ? 'stops it' : `brings ${stable} back`}.`
  const mend =
    verdict === 'fail'
      ? 'Mend the release'
      : 'Nothing was shown against the release: mend what keeps it from being judged (the reason names it), hold longer or give it more weight,'
  if (stable === undefined)
    return `No release is live: none was before this one. ${mend} and deploy it again.`
  return `All requests go to ${stable} again; ${tidyUp} cleans up. ${mend} and start a new run.`
}
