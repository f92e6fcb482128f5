import { HealthWatch } from './health-watch.js'
import { Looking, type Sighting } from './looking.js'
import type { Place } from './place.js'
import type { AnalysisPolicy } from './policy.js'
import type { Verdict } from './ports/judge.js'
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
}

/**
 * Holds the weight and looks on: at the candidate's health, at strangers, and at both sides' figures. Returns at the
 * first moment that a failure is certain, else when the hold is over. A hold whose evidence does not suffice is
 * extended, saying why. Nothing is written down here: on a failure the weight goes to 0 before anything else.
 */
export async function hold(session: Session, wanted: Hold): Promise<HoldFinding> {
  const { clock, narrator, policy, platform } = session.scene
  const place = placeOfCandidate(session)
  const analysis = wanted.analyze ? judgeable(session, policy.analysis) : undefined
  const watch = new HealthWatch(platform, place, clock)
  const looking = new Looking(session, analysis)
  const start = clock.monotonicMs()
  const longest = wanted.holdMs * Math.max(1, analysis?.maxHoldFactor ?? 1)
  const weight = session.rollout?.weight ?? 0
  const wait = narrator.waiting(holdText(weight, analysis), wanted.holdMs)
  let extended = false
  try {
    await looking.begin()
    for (;;) {
      const left = (extended ? longest : wanted.holdMs) - (clock.monotonicMs() - start)
      const interval = wanted.intervalMs ?? analysis?.intervalMs ?? WATCH_INTERVAL_MS
      await session.pause(Math.max(0, Math.min(left, looking.pauseOf(interval))))
      watch.requireSight(policy.timing.confirmDeadlineMs)
      const sick = watch.problem(clock.monotonicMs(), policy.timing.unreadyMs)
      if (sick !== undefined) return { verdict: 'fail', reason: sick, ...looking.found() }
      await noticeStrangers(session)
      const over = clock.monotonicMs() - start >= wanted.holdMs
      const judgement = await looking.look(over)
      if (judgement?.verdict === 'fail')
        return { verdict: 'fail', reason: judgement.reason, ...looking.found() }
      wait.progress(looking.sentence)
      if (!over) continue
      if (judgement === undefined || judgement.verdict === 'pass') {
        return {
          verdict: 'pass',
          reason: judgement?.reason ?? 'the candidate stayed healthy',
          ...looking.found(),
        }
      }
      if (clock.monotonicMs() - start >= longest)
        return { verdict: 'inconclusive', reason: judgement.reason, ...looking.found() }
      if (!extended)
        narrator.say(`The hold is extended to at most ${Math.round(longest / 1000)} s: ${judgement.reason}`)
      extended = true
    }
  } finally {
    wait.done()
    await watch.stop()
  }
}

/** Without a stable side to compare with (first release, weight 100) only absolute limits can be judged. */
function judgeable(session: Session, analysis: AnalysisPolicy | undefined): AnalysisPolicy | undefined {
  const comparable = session.ledger.stable !== undefined && session.rollout?.weight !== 100
  if (analysis === undefined || comparable) return analysis
  const rules = analysis.parameters.rules.filter((rule) => rule.limit !== undefined)
  if (rules.length === 0) return undefined
  const queries = analysis.queries.filter((query) => rules.some((rule) => rule.name === query.name))
  return { ...analysis, queries, parameters: { ...analysis.parameters, rules } }
}

async function noticeStrangers(session: Session): Promise<void> {
  if (session.scene.router !== undefined) await readUndisturbed(session)
}

function placeOfCandidate(session: Session): Place {
  const { candidate } = session
  if (candidate === undefined) throw new Error('there is no candidate to watch')
  return candidate.place
}

function holdText(weight: number, analysis: AnalysisPolicy | undefined): string {
  if (analysis === undefined) return `${weight} % to prove itself: its health is watched`
  return `${weight} % to prove itself: health, ${analysis.queries.map((query) => query.name).join(', ')}`
}
