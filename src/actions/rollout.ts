import { formatDuration } from '../rollout/duration.js'
import type { Outcome } from '../rollout/outcome.js'
import { UserError } from '../rollout/user-error.js'
import { runAction, type MainStage } from '../workflow/run-action.js'
import { afterGoingBack, known, refusedOutcome } from './after-going-back.js'
import { releaseOf } from './deploy.js'
import { migrateOn } from './migrate.js'
import { onService, type Done } from './on-service.js'
import { SMOKE_BUDGET_MS, smokeOn } from './smoke-test.js'
import type { Wired } from './wiring.js'

type RolloutStage = MainStage<'rollout'>

/** The whole plan of rollout.yml in one step, with the same conductor and the same steps; a failure takes itself back. */
export function rollout(): Promise<void> {
  return runAction('rollout', (stage) => onService(stage, 'rollout', {}, (wired) => wholePlan(stage, wired)))
}

async function wholePlan(stage: RolloutStage, wired: Wired): Promise<Done> {
  if (wired.config.policy.plan.steps.some(({ analyze }) => analyze)) await wired.readyToJudge()
  if (wired.config.policy.dryRun) return planned(stage, wired)
  let so = await firstStep(stage, wired)
  for (const next of laterSteps(stage, wired)) {
    if (hasFailed(so.outcome)) break
    const done = await attempted(next, so)
    so = {
      outcome: { ...known(so.outcome), ...done.outcome },
      tables: [...(so.tables ?? []), ...(done.tables ?? [])],
    }
  }
  return hasFailed(so.outcome) ? takenBack(stage, wired, so) : so
}

/** A refusal in the middle, such as a smoke file that cannot be read, is a failure like any other: a candidate stands there. */
async function attempted(next: () => Promise<Done>, { outcome }: Done): Promise<Done> {
  try {
    return await next()
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    return { outcome: { ...outcome, result: 'failed', sentence: thrown.message, problem: thrown } }
  }
}

/** A dry run opens nothing that the later steps could go on with: it says what they would be. */
async function planned(stage: RolloutStage, wired: Wired): Promise<Done> {
  const first = await firstStep(stage, wired)
  if (wired.config.migrations === undefined || hasFailed(first.outcome)) return withPlan(first, wired)
  const { outcome } = await deployOn(stage, wired)
  const sentence = `${first.outcome.sentence}; ${outcome.sentence}`
  return withPlan({ ...first, outcome: { ...outcome, sentence } }, wired)
}

function withPlan(done: Done, { config }: Wired): Done {
  if (hasFailed(done.outcome)) return done
  const { smoke, policy } = config
  const weights = policy.plan.steps.filter((step) => step.weight > 0)
  const steps = weights.map(({ weight, holdMs }) => `${weight} % for ${formatDuration(holdMs)}`)
  const plan = [...(smoke.length === 0 ? [] : ['smoke checks']), ...steps].join(', ')
  return { ...done, outcome: { ...done.outcome, sentence: `${done.outcome.sentence}. The plan: ${plan}` } }
}

function firstStep(stage: RolloutStage, wired: Wired): Promise<Done> {
  const { config } = wired
  return config.migrations === undefined ? deployOn(stage, wired) : migrateStep(stage, wired)
}

function laterSteps(stage: RolloutStage, wired: Wired): readonly (() => Promise<Done>)[] {
  const { config, conductor } = wired
  const shifts = config.policy.plan.steps.filter((step) => step.weight > 0)
  return [
    ...(config.migrations === undefined ? [] : [() => deployOn(stage, wired)]),
    ...(config.smoke.length === 0 ? [] : [() => smokeStep(stage, wired)]),
    ...shifts.map((step) => async () => {
      stage.narrator.phase(`${step.weight} % for ${formatDuration(step.holdMs)}`)
      return { outcome: await conductor.shift(step) }
    }),
  ]
}

async function deployOn(
  { inputs, environment, narrator }: RolloutStage,
  { conductor }: Wired,
): Promise<Done> {
  narrator.phase(`Deploy ${inputs.version}`)
  return { outcome: await conductor.deploy(releaseOf(inputs, environment.commit)) }
}

async function migrateStep(stage: RolloutStage, wired: Wired): Promise<Done> {
  stage.narrator.phase('Migrations')
  const done = await migrateOn(stage, wired, {
    phase: 'expand',
    directory: undefined,
    databaseUrl: undefined,
  })
  stage.outputs.set('applied', done.applied)
  stage.outputs.set('pending', done.pending)
  return done
}

async function smokeStep(stage: RolloutStage, wired: Wired): Promise<Done> {
  stage.narrator.phase('Smoke checks')
  const done = await smokeOn(stage, wired, { target: 'candidate', budgetMs: SMOKE_BUDGET_MS })
  stage.outputs.set('passed', done.passed)
  stage.outputs.set('failed', done.failed)
  return done
}

function hasFailed({ problem, result }: Outcome): boolean {
  return problem !== undefined || result === 'failed'
}

/** Goes back in the same step; the failure stays what the step is about. A cancelled job leaves it to the post step. */
async function takenBack({ signal, narrator }: RolloutStage, wired: Wired, so: Done): Promise<Done> {
  const { outcome } = so
  if (signal.aborted || outcome.result === 'held') return so
  narrator.phase('Going back')
  const back = await goneBack(wired, outcome.sentence.split('\n')[0] ?? outcome.sentence)
  return back.result === 'unchanged' ? so : { ...so, outcome: afterGoingBack(outcome, back) }
}

async function goneBack({ conductor }: Wired, reason: string): Promise<Outcome> {
  try {
    return await conductor.rollback({ jobStatus: 'failure', reason })
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    return refusedOutcome(thrown)
  }
}
