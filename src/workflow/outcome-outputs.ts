import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome, Result } from '../rollout/outcome.js'
import type { ActionName } from './inputs.js'
import { OUTPUTS, type OutputName, type Outputs } from './outputs.js'

/** What one word says of several services: the worst of them. */
const WORST_FIRST: readonly Result[] = ['failed', 'held', 'rolled-back', 'succeeded', 'unchanged']

/** The result of a step that worked on several services. */
export function worstOf(results: readonly Result[]): Result {
  return WORST_FIRST.find((result) => results.includes(result)) ?? 'unchanged'
}

/**
 * Writes everything that an outcome says into the outputs that the action has. The report goes into a file, since
 * its JSON would be dropped by any mask that it contains (trap 35); the output is its path.
 */
export function writeOutcome<Action extends ActionName>(
  action: Action,
  outputs: Outputs<Action>,
  outcome: Outcome,
  reportFolder: string,
): void {
  const said: Partial<Record<OutputName<ActionName>, string | number | undefined>> = {
    state: outcome.state,
    'stable-version': outcome.stableVersion,
    'candidate-version': outcome.candidateVersion,
    slot: outcome.slot,
    'candidate-url': outcome.candidateUrl,
    weight: outcome.weight,
    'observed-share': outcome.observedShare,
    verdict: outcome.report?.judgement.verdict,
    reason: outcome.report?.judgement.reason,
    report: OUTPUTS[action].some((name) => name === 'report')
      ? writeReport(outcome, reportFolder)
      : undefined,
    'restored-version': outcome.restoredVersion,
    seconds: outcome.seconds === undefined ? undefined : Math.round(outcome.seconds * 1_000) / 1_000,
  }
  for (const name of OUTPUTS[action] as readonly OutputName<Action>[]) {
    const value = said[name]
    if (value !== undefined) outputs.set(name, value)
  }
}

function writeReport({ report, state }: Outcome, folder: string): string | undefined {
  if (report === undefined) return undefined
  return writeAnew(folder, `tuesday-report-${state ?? 'none'}`, `${JSON.stringify(report, undefined, 2)}\n`)
}

/** A rollout is judged by several steps of one job: none may write over what an earlier one left for the end of the job. */
function writeAnew(folder: string, name: string, content: string): string {
  for (let number = 1; ; number++) {
    const path = join(folder, `${name}-${number}.json`)
    try {
      writeFileSync(path, content, { flag: 'wx' })
      return path
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
    }
  }
}
