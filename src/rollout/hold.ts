import { attended, sicknessOf } from './attended.js'
import { formatDuration } from './duration.js'
import { HealthWatch } from './health-watch.js'
import { Looking, type Sighting } from './evidence/looking.js'
import type { Place } from './place.js'
import type { AnalysisPolicy } from './policy.js'
import type { Judgement, Verdict } from './ports/judge.js'
import type { Session } from './session.js'
import { readUndisturbed } from './traffic.js'

/** Pause between two looks where nothing is judged, in milliseconds. */
const WATCH_INTERVAL_MS = 1_000

export interface Hold {
  /** How long the weight is held, in milliseconds; 0 holds nothing. */
  readonly holdMs: number
  /** Time between two looks, in milliseconds; the policy's if not given. */
  readonly intervalMs?: number
  /** Whether the candidate is compared with stable; its health is watched in any case. */
  readonly analyze: boolean
}

/** What a hold came to, with what was seen of both sides, to be kept with the rollout. */
export interface HoldFinding extends Sighting {
  readonly verdict: Verdict
  /** One sentence with numbers and units. */
  readonly reason: string
  /** How long it was held in all, in milliseconds, where it was extended for want of evidence. */
  readonly extendedToMs?: number
}

/**
 * Holds the weight and looks on: at the candidate's health, at strangers, and at both sides' figures. Returns at the
 * first moment that a failure is certain, else when the hold is over, or harmlessness is proven and the policy lets that
 * end it. A hold whose evidence does not suffice is extended, saying why. Nothing is written down here: on a failure
 * the weight goes to 0 before anything else.
 */
export async function hold(session: Session, wanted: Hold): Promise<HoldFinding> {
  const { platform, clock } = session.scene
  const watch = new HealthWatch(platform, placeOfCandidate(session), clock)
  try {
    return await watchedHold(session, wanted, watch)
  } finally {
    await watch.stop()
  }
}

async function watchedHold(session: Session, wanted: Hold, watch: HealthWatch): Promise<HoldFinding> {
  const { clock, narrator, policy } = session.scene
  const analysis = wanted.analyze ? policy.analysis : undefined
  const looking = new Looking(session, analysis)
  session.carry(() => looking.evidence)
  const start = clock.monotonicMs()
  const begun = await attended(session, watch, looking.begin())
  if (begun.kind === 'sick') return { verdict: 'fail', reason: begun.reason, ...looking.found() }
  const longestMs = wanted.holdMs * Math.max(1, analysis?.maxHoldFactor ?? 1)
  const interval = wanted.intervalMs ?? (looking.metrics.length > 0 ? analysis?.intervalMs : undefined)
  warnOfShortHold(session, looking, wanted.holdMs, longestMs)
  let wait = narrator.waiting(holdText(session, looking), wanted.holdMs)
  let extended = false
  try {
    for (;;) {
      const left = (extended ? longestMs : wanted.holdMs) - (clock.monotonicMs() - start)
      await session.pause(Math.max(0, Math.min(left, looking.pauseOf(interval ?? WATCH_INTERVAL_MS))))
      const sick = sicknessOf(session, watch)
      if (sick !== undefined) return { verdict: 'fail', reason: sick, ...looking.found() }
      await noticeStrangers(session)
      const heldMs = clock.monotonicMs() - start
      const looked = await attended(session, watch, looking.look(heldMs >= wanted.holdMs, heldMs))
      if (looked.kind === 'sick') return { verdict: 'fail', reason: looked.reason, ...looking.found() }
      const end = endOf(looked.result, heldMs, {
        ...wanted,
        longestMs,
        analysis,
        tooSilent: looking.tooSilent,
      })
      if (end?.verdict !== 'fail') wait.progress(looking.sentence)
      if (end !== undefined) return { ...end, ...looking.found(), ...(extended && { extendedToMs: heldMs }) }
      if (heldMs < wanted.holdMs || extended) continue
      extended = true
      wait.done()
      narrator.say(
        `The hold is extended to at most ${formatDuration(longestMs)}: ${looked.result?.reason ?? ''}`,
      )
      wait = narrator.waiting(holdText(session, looking), longestMs - heldMs)
    }
  } finally {
    wait.done()
  }
}

/** By what a look may end a hold. */
interface Ending {
  readonly holdMs: number
  readonly longestMs: number
  readonly analysis: AnalysisPolicy | undefined
  readonly tooSilent: string | undefined
}

/** How a look ends the hold: harm at once, proof of harmlessness if the policy lets it, else the time; undefined if it goes on. */
function endOf(
  judgement: Judgement | undefined,
  heldMs: number,
  { holdMs, longestMs, analysis, tooSilent }: Ending,
): Pick<HoldFinding, 'verdict' | 'reason'> | undefined {
  const harm = judgement?.verdict === 'fail' ? judgement.reason : tooSilent
  if (harm !== undefined) return { verdict: 'fail', reason: harm }
  if (heldMs < holdMs) {
    if (analysis?.earlyPass !== true || !isProven(judgement)) return undefined
    const ending = `the hold of ${formatDuration(holdMs)} ended after ${formatDuration(heldMs)}`
    return { verdict: 'pass', reason: `${judgement.reason} (early-pass: ${ending})` }
  }
  if (judgement === undefined) return { verdict: 'pass', reason: 'the candidate stayed healthy' }
  const { verdict, reason } = judgement
  return verdict === 'pass' || heldMs >= longestMs ? { verdict, reason } : undefined
}

/** Not merely no harm so far: harm beyond the margin is ruled out. */
function isProven(judgement: Judgement | undefined): judgement is Judgement {
  return judgement?.verdict === 'pass' && judgement.early === true
}

async function noticeStrangers(session: Session): Promise<void> {
  if (session.scene.router !== undefined) await readUndisturbed(session)
}

function placeOfCandidate(session: Session): Place {
  const { candidate } = session
  if (candidate === undefined) throw new Error('there is no candidate to watch')
  return candidate.place
}

/** Rather now than when the time has passed: a hold that is over before anything can be counted cannot pass. */
function warnOfShortHold(
  { scene }: Session,
  { firstCountsMs }: Looking,
  holdMs: number,
  longestMs: number,
): void {
  if (firstCountsMs <= holdMs) return
  const counts = `the first counts come after up to ${formatDuration(firstCountsMs)}, the hold is ${formatDuration(holdMs)}`
  if (firstCountsMs <= longestMs) return scene.narrator.say(`The hold may be extended: ${counts}`)
  scene.narrator.warn(
    `Even extended to ${formatDuration(longestMs)} the hold may end without counts, and nothing passes without them: ${counts}. Hold longer, or have the metrics collected more often.`,
  )
}

function holdText({ rollout }: Session, { metrics }: Looking): string {
  const weight = rollout?.weight ?? 0
  if (metrics.length === 0) return `${weight} % to prove itself: its health is watched`
  return `${weight} % to prove itself: health, ${metrics.join(', ')}`
}
