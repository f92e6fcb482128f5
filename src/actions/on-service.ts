import type { Overrides } from '../config/config.js'
import { readConfigFile } from '../config/read-config-file.js'
import type { Outcome } from '../rollout/outcome.js'
import { messageOf, UserError } from '../rollout/user-error.js'
import type { Conclusion } from '../workflow/conclusion.js'
import type { ActionName } from '../workflow/inputs.js'
import type { SummaryTable } from '../workflow/rollout-report.js'
import type { MainStage, Stage } from '../workflow/run-action.js'
import { keepConfig } from './kept-config.js'
import { DEFAULT_ENVIRONMENT, wire, type Wired } from './wiring.js'

/** What a step did to one service, and what its summary shows besides. */
export interface Done {
  readonly outcome: Outcome
  readonly tables?: readonly SummaryTable[]
}

/** Works on the one service that the inputs name, and makes of it what the frame tells. */
export async function onService<Action extends ActionName>(
  stage: MainStage<Action>,
  step: string,
  overrides: Overrides,
  work: (wired: Wired) => Promise<Done>,
): Promise<readonly Conclusion[]> {
  const { config, service, environment, state } = stage.inputs
  const dryRun = stage.inputs['dry-run']
  const source = await readConfigFile(config, stage.environment.workspace)
  const wired = await wire(stage, {
    config,
    source,
    service,
    environment,
    state,
    step,
    overrides: { ...overrides, dryRun },
  })
  keepConfig(stage, source)
  stage.remember({ service: wired.config.service })
  stage.narrator.phase(`${step}: ${wired.config.service}`)
  try {
    const done = await work(wired)
    stage.remember({ service: wired.config.service, state: done.outcome.state })
    return [await conclusionOf(stage, wired, done)]
  } finally {
    stage.narrator.endPhase()
    await wired.close()
  }
}

/** What is told of one service. */
export async function conclusionOf(
  stage: Stage,
  { config, publicUrl }: Wired,
  { outcome, tables }: Done,
): Promise<Conclusion> {
  const environment = config.environment ?? DEFAULT_ENVIRONMENT
  const recorded = config.github.deployments && config.environment !== undefined && !config.policy.dryRun
  const url =
    recorded && !isNowhere(outcome)
      ? await environmentUrl(stage, config.github.environmentUrl ?? config.confirm?.url, publicUrl)
      : undefined
  return {
    service: config.service,
    environment,
    outcome: withNextStep(outcome),
    dryRun: config.policy.dryRun,
    ...(tables !== undefined && { tables }),
    ...(recorded && { deployment: { environment, ...(url !== undefined && { url }) } }),
  }
}

/** Failed before anything was deployed: asking the platform for an address would start what does not exist yet. */
function isNowhere({ result, stableVersion, state }: Outcome): boolean {
  return result === 'failed' && stableVersion === undefined && state === undefined
}

/** Nobody is left alone with a failure: a release that was taken back with none before it has no stable one to name. */
function withNextStep(outcome: Outcome): Outcome {
  if (outcome.result !== 'failed' || outcome.problem !== undefined) return outcome
  const hint =
    outcome.stableVersion === undefined
      ? 'There is no release before it to go back to. Mend it, or take one that works, and deploy it.'
      : 'Run `rollback` again, or deploy a release that works.'
  return { ...outcome, problem: new UserError(outcome.sentence, { hint }) }
}

/** The address that GitHub shows; none is better than an error, since reporting never decides a rollout. */
async function environmentUrl(
  stage: Stage,
  configured: { value(): Promise<string> } | undefined,
  publicUrl: () => Promise<URL>,
): Promise<string | undefined> {
  try {
    return configured === undefined ? (await publicUrl()).href : await configured.value()
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    stage.narrator.notice(`No environment URL: ${messageOf(thrown)}`)
    return undefined
  }
}
