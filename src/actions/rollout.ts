import { formatDuration } from '../rollout/duration.js'
import type { Outcome } from '../rollout/outcome.js'
import { runAction, type MainStage } from '../workflow/run-action.js'
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
  if (wired.config.policy.dryRun) return planned(stage, wired)
  if (wired.config.policy.plan.steps.some(({ analyze }) => analyze)) await wired.readyToJudge()
  let so = await firstStep(stage, wired)
  for (const next of laterSteps(stage, wired)) {
    if (hasFailed(so.outcome)) break
    const done = await next()
    so = {
      outcome: { ...known(so.outcome), ...done.outcome },
      tables: [...(so.tables ?? []), ...(done.tables ?? [])],
    }
  }
  return hasFailed(so.outcome) ? takenBack(stage, wired, so) : so
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
    ...shifts.map((step) => async () => ({ outcome: await conductor.shift(step) })),
  ]
}

async function deployOn({ inputs, environment }: RolloutStage, { conductor }: Wired): Promise<Done> {
  return { outcome: await conductor.deploy(releaseOf(inputs, environment.commit)) }
}

async function migrateStep(stage: RolloutStage, wired: Wired): Promise<Done> {
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
  const done = await smokeOn(stage, wired, { target: 'candidate', budgetMs: SMOKE_BUDGET_MS })
  stage.outputs.set('passed', done.passed)
  stage.outputs.set('failed', done.failed)
  return done
}

/** What later steps do not say again. */
function known({ candidateUrl, observedShare, report }: Outcome): Partial<Outcome> {
  return {
    ...(candidateUrl !== undefined && { candidateUrl }),
    ...(observedShare !== undefined && { observedShare }),
    ...(report !== undefined && { report }),
  }
}

function hasFailed({ problem, result }: Outcome): boolean {
  return problem !== undefined || result === 'failed'
}

/** Goes back in the same step; the failure stays what the step is about. A cancelled job leaves it to the post step. */
async function takenBack({ signal }: RolloutStage, { conductor }: Wired, so: Done): Promise<Done> {
  if (signal.aborted || so.outcome.result === 'held') return so
  const { problem, sentence } = so.outcome
  const back = await conductor.rollback({ jobStatus: 'failure', reason: sentence.split('\n')[0] ?? sentence })
  if (back.result === 'unchanged') return so
  return {
    ...so,
    outcome: {
      ...known(so.outcome),
      ...back,
      sentence: `${sentence} ${back.sentence}`,
      ...(problem !== undefined && { problem }),
    },
  }
}
