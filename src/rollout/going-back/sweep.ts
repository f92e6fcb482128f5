import type { StepResult } from '../outcome.js'
import { retireDue, retirementsDue } from '../retire.js'
import type { Session } from '../session.js'
import { standingOf } from '../ledger/standing.js'
import { takeBack } from './take-back.js'

/** The scheduled sweep: goes back where a rollout was abandoned, finishes what was begun, retires what is due. */
export async function sweep(session: Session): Promise<StepResult> {
  const { scene, rollout, ledger } = session
  const stranger = { ...scene.actor, run: `sweep by ${scene.actor.run}` }
  const standing = standingOf(ledger, stranger, undefined, session.now())
  if (standing.kind === 'foreign')
    return { result: 'unchanged', sentence: `the service belongs to ${standing.repository}` }
  if (standing.kind === 'busy')
    return { result: 'unchanged', sentence: `nothing is abandoned: ${standing.who}` }
  if (rollout !== undefined && standing.kind === 'lapsed')
    return takeBack(session, rollout, `abandoned: ${standing.why}`)
  const due = retirementsDue(session)
  if (due.length === 0) return { result: 'unchanged', sentence: 'nothing is abandoned and nothing is due' }
  const named = due.map((entry) => `${entry.version} in ${entry.place}`).join(', ')
  if (scene.policy.dryRun) return { result: 'unchanged', sentence: `dry run: would retire ${named}` }
  await session.take()
  await retireDue(session)
  return { result: 'succeeded', sentence: `retired ${named}` }
}
