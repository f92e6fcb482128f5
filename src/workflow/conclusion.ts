import { summary } from '@actions/core'
import { messageOf } from '../rollout/user-error.js'
import { deploymentStatusOf } from './deployment-status.js'
import { doubtOf } from './doubt.js'
import type { RunnerEnvironment } from './environment-variables.js'
import type { GitHubDeployments } from './github-deployments.js'
import type { LogNarrator } from './log-narrator.js'
import type { Masks } from './masks.js'
import { onOneLine } from './plain-text.js'
import type { RolloutReport } from './rollout-report.js'

/** All requests to GitHub of one record; less when the job is cancelled and ends in seconds. */
const RECORD_MS = 15_000
const RECORD_CANCELLED_MS = 2_000

/** What a step leaves behind of one service. */
export interface Conclusion extends Omit<RolloutReport, 'step'> {
  /** GitHub's environment and its address for the deployment record. Absent: nothing is recorded. */
  readonly deployment?: { readonly environment: string; readonly url?: string }
}

export interface Telling {
  readonly step: string
  readonly environment: RunnerEnvironment
  readonly narrator: LogNarrator
  readonly masks: Masks
  readonly token: string | undefined
  readonly cancelled: boolean
}

/**
 * One line of the log that says how it ended, and one that says where traffic stands. What has more lines is in the error. A
 * success that says little for the release is a warning too.
 */
export function sayConclusion(
  { service, outcome }: Conclusion,
  narrator: Pick<LogNarrator, 'say' | 'warn'>,
): void {
  const [first = ''] = outcome.sentence.split('\n')
  narrator.say(onOneLine(`${service}: ${outcome.result.replace('-', ' ')}. ${first}`))
  narrator.say(onOneLine(`Traffic: ${outcome.position}`))
  const warning = doubtOf(outcome)?.warning
  if (warning !== undefined) narrator.warn(`${service}: ${onOneLine(warning)}`)
}

/** Writes the job summary and GitHub's deployment record. Reporting never decides a rollout: it never throws. */
export async function tell(conclusions: readonly Conclusion[], telling: Telling): Promise<void> {
  if (conclusions.length === 0) return
  const { step, masks } = telling
  const redact = (text: string): string => masks.redact(text)
  // Nothing that only reports is loaded before the work is done.
  const text = async (): Promise<string> => {
    const { summaryOf } = await import('./summary.js')
    return conclusions.map((conclusion) => summaryOf({ ...conclusion, step }, redact)).join('\n')
  }
  await writeSummary(text, telling.narrator)
  if (conclusions.every(({ deployment }) => deployment === undefined)) return
  const { environment, narrator, token, cancelled } = telling
  const { GitHubDeployments } = await import('./github-deployments.js')
  const deployments = new GitHubDeployments({
    token,
    repository: environment.actor.repository,
    apiUrl: environment.apiUrl,
    timeoutMs: cancelled ? RECORD_CANCELLED_MS : RECORD_MS,
    notice: (message) => narrator.notice(message),
  })
  for (const conclusion of conclusions) await recordDeployment(conclusion, deployments, telling)
}

async function recordDeployment(
  { deployment, outcome, service, dryRun }: Conclusion,
  deployments: GitHubDeployments,
  { environment, masks }: Telling,
): Promise<void> {
  const status = deploymentStatusOf(outcome, deployment?.url)
  const rollout = outcome.rollout?.id
  if (deployment === undefined || status === undefined || rollout === undefined || dryRun) return
  const { actor, commit } = environment
  const runUrl = actor.url ?? ''
  const subject = { environment: deployment.environment, service, rollout, commit, runUrl }
  await deployments.record(subject, { ...status, description: masks.redact(status.description) })
}

/** Writes the job summary of a step that came to no outcome. It never throws. */
export async function tellFailure(
  step: string,
  thrown: unknown,
  { masks, narrator }: Pick<Telling, 'masks' | 'narrator'>,
): Promise<void> {
  const text = async (): Promise<string> => {
    const { failureSummaryOf } = await import('./failure-summary.js')
    return failureSummaryOf(step, thrown, (given) => masks.redact(given))
  }
  await writeSummary(text, narrator)
}

async function writeSummary(text: () => Promise<string>, narrator: LogNarrator): Promise<void> {
  try {
    await summary.addRaw(await text()).write({ overwrite: true })
  } catch (thrown) {
    narrator.notice(`The job summary could not be written: ${messageOf(thrown)}`)
  }
}
