/** One step from its `if:` to its conclusion. */
import { readAction, type ActionFile, type CompositeAction } from './action-file.ts'
import { resolveAction } from './action-reference.ts'
import {
  evaluate,
  evaluateCondition,
  evaluateRawCondition,
  evaluateString,
  evaluateStrings,
} from './expressions.ts'
import type { Result, Stage, StepResult } from './results.ts'
import { RunnerLost, stepContext, type RunningJob, type StepScope } from './running-job.ts'
import {
  actionInputs,
  executeCheckout,
  executeNode,
  executeScript,
  scopeOf,
  type StepWork,
} from './step-execution.ts'
import { StepLog } from './step-log.ts'
import type { StepPlan } from './workflow-file.ts'

/** A step that is to run. Pre and post steps carry the action that was loaded for them, and its state. */
export interface StepOrder {
  plan: StepPlan
  stage: Stage
  scope: StepScope
  action?: LoadedAction
  state: Record<string, string>
}

export interface LoadedAction {
  file: ActionFile
  origin: { repository: string; ref: string }
}

/** Runs a step, or skips it. Throws {@link RunnerLost} only; everything else is the step's own result. */
export async function runStep(job: RunningJob, order: StepOrder, parent?: StepWork): Promise<StepResult> {
  job.throwIfLost()
  const started = performance.now()
  const step = begin(job, order, parent)
  const { work, annotations } = step
  const stopWatching = watchCancellation(step)
  let outcome: Result
  try {
    outcome = await conclude(step)
  } catch (error) {
    if (error instanceof RunnerLost) {
      outcome = 'cancelled'
    } else {
      work.log.error(error instanceof Error ? error.message : String(error))
      outcome = 'failure'
    }
  } finally {
    stopWatching()
  }
  const result: StepResult = {
    id: order.plan.id,
    name: work.name,
    stage: order.stage,
    outcome,
    conclusion: outcome === 'failure' && continuesOnError(work) ? 'success' : outcome,
    outputs: work.outputs,
    log: work.log.text,
    ...(work.summaryFile === undefined ? {} : { summaryFile: work.summaryFile }),
    annotations,
    seconds: (performance.now() - started) / 1000,
  }
  finish(step, result, parent)
  job.throwIfLost()
  return result
}

interface Step {
  order: StepOrder
  work: StepWork
  annotations: StepResult['annotations']
  /** Cancels the step alone. */
  cancel: AbortController
  /** Why it was cancelled. */
  cause: 'job' | 'time' | undefined
  running: boolean
}

function begin(job: RunningJob, order: StepOrder, parent: StepWork | undefined): Step {
  const { list, add } = job.annotations.ofStep()
  const cancel = new AbortController()
  const identity = { step: order.plan.id, stage: order.stage }
  const log =
    parent?.log ??
    new StepLog({
      masks: job.masks,
      annotate: add,
      onLine: (line) => job.order.emit({ type: 'line', ...identity, name: work.name, line }),
      showDebug: job.order.settings.showDebug,
    })
  const work: StepWork = {
    job,
    scope: order.scope,
    plan: order.plan,
    name: order.plan.id,
    stage: order.stage,
    env: { ...order.scope.env },
    log,
    cancel: parent === undefined ? cancel.signal : AbortSignal.any([cancel.signal, parent.cancel]),
    outputs: {},
    state: order.state,
    summaryFile: undefined,
  }
  return { order, work, annotations: list, cancel, cause: undefined, running: false }
}

/**
 * When the job is cancelled GitHub asks the condition of the step at work again, with the status `cancelled`:
 * an `always()` step goes on, any other is cancelled (actions/runner, StepsRunner).
 */
function watchCancellation(step: Step): () => void {
  const { job } = step.work
  const onCancel = (): void => {
    job.status = 'cancelled'
    if (!step.running || condition(step)) return
    step.cause = 'job'
    step.cancel.abort()
  }
  job.cancelled.signal.addEventListener('abort', onCancel)
  if (job.cancelled.signal.aborted) job.status = 'cancelled'
  return () => job.cancelled.signal.removeEventListener('abort', onCancel)
}

function condition(step: Step): boolean {
  const scope = scopeOf(step.work)
  const runs = step.order.action?.file.runs
  if (step.order.stage !== 'main' && runs !== undefined && 'main' in runs) {
    return evaluateRawCondition(step.order.stage === 'post' ? runs.postIf : runs.preIf, scope)
  }
  return evaluateCondition(step.order.plan.if, scope)
}

async function conclude(step: Step): Promise<Result> {
  const { work, order } = step
  work.name = stepName(work)
  Object.assign(work.env, evaluateStrings(order.plan.env, scopeOf(work)))
  if (!condition(step)) return 'skipped'
  step.running = true
  work.job.order.emit({ type: 'step-started', step: order.plan.id, name: work.name, stage: order.stage })
  const minutes = order.plan.timeoutMinutes
  const limit = minutes === undefined ? 0 : Number(evaluate(minutes, scopeOf(work)))
  const timer = limit > 0 ? setTimeout(() => stopForTime(step), limit * 60_000) : undefined
  try {
    const succeeded = await execute(step)
    if (step.cause === 'time') {
      work.log.error(`The action '${work.name}' has timed out after ${limit} minutes.`)
      return 'failure'
    }
    if (step.cause === 'job' || work.cancel.aborted) {
      work.log.error('The operation was canceled.')
      return 'cancelled'
    }
    return succeeded ? 'success' : 'failure'
  } finally {
    clearTimeout(timer)
  }
}

function stopForTime(step: Step): void {
  if (step.cause !== undefined) return
  step.cause = 'time'
  step.cancel.abort()
}

async function execute({ order, work }: Step): Promise<boolean> {
  if (order.plan.uses === undefined) return executeScript(work)
  const { job } = work
  let action = order.action
  if (action === undefined) {
    const reference = resolveAction(order.plan.uses, job.folders.workspace, job.order.settings.actions)
    if (reference.kind === 'checkout') return executeCheckout(work)
    action = { file: await readAction(reference.directory), origin: reference }
  }
  const { file, origin } = action
  if (file.runs.using === 'composite') return executeComposite(work, { ...file, runs: file.runs })
  if (order.stage === 'main' && file.runs.post !== undefined && !isRegistered(job, order)) {
    job.posts.push({ ...order, stage: 'post', action })
  }
  return executeNode(work, { ...file, runs: file.runs }, origin)
}

/** A post step is registered once, when the first stage of its action starts. */
function isRegistered(job: RunningJob, order: StepOrder): boolean {
  return job.posts.some((post) => post.state === order.state)
}

async function executeComposite(
  work: StepWork,
  action: ActionFile & { runs: CompositeAction },
): Promise<boolean> {
  const { job } = work
  let failed = false
  const scope: StepScope = {
    steps: {},
    inputs: actionInputs(work, action),
    env: work.env,
    actionPath: action.directory,
    status: () => {
      const cancelled = job.status === 'cancelled'
      return { success: !failed && !cancelled, failure: failed && !cancelled, cancelled }
    },
  }
  for (const plan of action.runs.steps) {
    const result = await runStep(job, { plan, stage: 'main', scope, state: {} }, work)
    if (result.conclusion === 'failure' || result.conclusion === 'cancelled') failed = true
    Object.assign(scope.env, job.env)
  }
  const expressions = job.expressionScope(scope, work.env)
  for (const output of action.outputs) {
    if (output.value !== undefined) work.outputs[output.name] = evaluateString(output.value, expressions)
  }
  return !failed
}

function continuesOnError(work: StepWork): boolean {
  const token = work.plan.continueOnError
  return token !== undefined && evaluate(token, scopeOf(work)) === true
}

function finish(step: Step, result: StepResult, parent: StepWork | undefined): void {
  const { job, scope } = step.work
  const { id: name, stage, outcome, conclusion } = result
  if (stage === 'main' && step.order.plan.hasOwnId) {
    scope.steps[name] = stepContext(result.outputs, outcome, conclusion)
  }
  if (parent === undefined) {
    job.results.push(result)
    if (conclusion === 'failure') job.noteFailure()
  } else if (result.summaryFile !== undefined) {
    parent.summaryFile = result.summaryFile
  }
  job.order.emit({ type: 'step-finished', step: name, name: result.name, stage, outcome, conclusion })
}

function stepName(work: StepWork): string {
  const { plan, stage } = work
  const own = plan.name === undefined ? '' : evaluateString(plan.name, scopeOf(work))
  const script = plan.run === undefined ? '' : evaluateString(plan.run, scopeOf(work))
  const name =
    own || (plan.uses === undefined ? `Run ${script.trim().split('\n')[0] ?? ''}` : `Run ${plan.uses}`)
  const hidden = work.job.masks.hide(name)
  return stage === 'main' ? hidden : `${stage === 'post' ? 'Post' : 'Pre'} ${hidden}`
}
