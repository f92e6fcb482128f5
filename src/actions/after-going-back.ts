import type { Outcome } from '../rollout/outcome.js'
import { UserError } from '../rollout/user-error.js'

/**
 * What the root action tells of a failure after it took itself back: how things stand in the sentence, the reason once,
 * in the problem, and only what is left to do. That going back failed too matters more than why it began.
 */
export function afterGoingBack(failed: Outcome, back: Outcome): Outcome {
  const reason = failed.problem?.message ?? failed.sentence
  const outcome = { ...known(failed), ...back }
  if (back.problem !== undefined) {
    const { message, hint } = back.problem
    const options = hint === undefined ? {} : { hint }
    return { ...outcome, problem: new UserError(`${reason}\nGoing back failed too: ${message}`, options) }
  }
  const version = back.candidateVersion ?? failed.candidateVersion ?? 'the release'
  const { restoredVersion: stable } = back
  const serves = stable === undefined ? 'no release serves now' : `${stable} serves all requests`
  const hint =
    stable === undefined
      ? 'No release was live before this one: mend it and run the workflow again.'
      : 'Nothing is left to tidy up: mend the release and run the workflow again.'
  return {
    ...outcome,
    sentence: `${version} was taken back; ${serves}`,
    problem: new UserError(reason, { hint }),
  }
}

/** Where going back was refused before it read anything, such as a ledger that is damaged. */
export function refusedOutcome(problem: UserError): Outcome {
  return { result: 'failed', sentence: problem.message, position: 'not known', standby: [], problem }
}

/** What later steps do not say again. */
export function known({ candidateUrl, observedShare, report }: Outcome): Partial<Outcome> {
  return {
    ...(candidateUrl !== undefined && { candidateUrl }),
    ...(observedShare !== undefined && { observedShare }),
    ...(report !== undefined && { report }),
  }
}
