/** One job from set-up to its outputs, as GitHub's runner takes it. */
import { join } from 'node:path'
import { readAction, type ActionFile } from './action-file.ts'
import { resolveAction } from './action-reference.ts'
import { evaluate, evaluateString, evaluateStrings, type Scope } from './expressions.ts'
import { makeJobFolders } from './job-folders.ts'
import { killLeftBehind } from './left-behind.ts'
import { at, entries } from './read-template.ts'
import type { JobResult, Result } from './results.ts'
import { RunningJob, type JobOrder } from './running-job.ts'
import { runStep, type StepOrder } from './run-step.ts'

/** 1 MB of job outputs, counted in UTF-16 as GitHub does (trap 36). */
const largestOutputs = 1024 * 1024

/** Makes the folders of a job; `runJob` then runs it. */
export async function prepareJob(order: JobOrder): Promise<RunningJob> {
  const { settings, key } = order
  const root = join(settings.folder, `attempt-${settings.attempt}`, key.replaceAll(/[^\w.-]+/g, '_'))
  return new RunningJob(order, await makeJobFolders(root, settings.repository, settings.event.payload))
}

/** Runs a prepared job to its end. Never rejects: what goes wrong is the job's result. */
export async function runJob(job: RunningJob): Promise<JobResult> {
  const started = performance.now()
  const { plan, emit } = job.order
  emit({ type: 'job-started' })
  let outputs: Record<string, string> = {}
  let url = ''
  const stopClock = limitTime(job)
  try {
    await runSteps(job)
    outputs = jobOutputs(job)
    url = environmentUrl(job)
  } catch (error) {
    job.ownAnnotations.add({
      level: 'error',
      message: error instanceof Error ? error.message : String(error),
    })
    job.noteFailure()
  } finally {
    stopClock()
    // With the runner everything of its machine is gone, except what a test lets live on: so nothing is killed.
    if (!job.lost.signal.aborted) killLeftBehind(job.trackingId)
  }
  const result: Result = job.lost.signal.aborted ? 'failure' : job.status
  emit({ type: 'job-finished', result })
  return {
    id: plan.id,
    key: job.order.key,
    name: job.order.name,
    result,
    outputs,
    steps: job.results,
    annotations: job.ownAnnotations.list,
    seconds: (performance.now() - started) / 1000,
    ...environmentOf(job.order, url),
    attempt: job.order.settings.attempt,
  }
}

async function runSteps(job: RunningJob): Promise<void> {
  const { plan, workflow } = job.order
  const root = job.rootScope()
  for (const env of [workflow.env, plan.env]) Object.assign(job.env, evaluateStrings(env, jobScope(job)))
  const orders: StepOrder[] = plan.steps.map((step) => ({
    plan: step,
    stage: 'main',
    scope: root,
    state: {},
  }))
  await runPreSteps(job, orders)
  for (const order of orders) await runStep(job, order)
  for (let post = job.posts.pop(); post !== undefined; post = job.posts.pop()) await runStep(job, post)
}

/** Actions of other repositories are downloaded, and their `pre` runs, before any step. Local ones have no `pre`. */
async function runPreSteps(job: RunningJob, orders: StepOrder[]): Promise<void> {
  for (const order of orders) {
    const { uses } = order.plan
    if (uses === undefined || uses.startsWith('.')) continue
    const reference = resolveAction(uses, job.folders.workspace, job.order.settings.actions)
    if (reference.kind === 'checkout') continue
    const file: ActionFile = await readAction(reference.directory)
    order.action = { file, origin: reference }
    if (file.runs.using === 'composite' || file.runs.pre === undefined) continue
    if (file.runs.post !== undefined) job.posts.push({ ...order, stage: 'post' })
    await runStep(job, { ...order, stage: 'pre' })
  }
}

function jobScope(job: RunningJob): Scope {
  return job.expressionScope(job.rootScope(), job.env)
}

/** Outputs of the job. GitHub drops each one that contains a masked string, with only a warning (trap 35). */
function jobOutputs(job: RunningJob): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, token] of entries(job.order.plan.outputs)) {
    const value = evaluateString(token, jobScope(job))
    if (value === '') continue
    if (job.masks.touches(value)) {
      job.ownAnnotations.add({
        level: 'warning',
        message: `Skip output '${name}' since it may contain secret.`,
      })
    } else {
      kept[name] = value
    }
  }
  const size = Object.entries(kept).reduce((sum, [name, value]) => sum + 2 * (name.length + value.length), 0)
  if (size <= largestOutputs) return kept
  throw new Error(
    `The outputs of the job are ${size} bytes in UTF-16; GitHub takes at most ${largestOutputs}.`,
  )
}

function environmentUrl(job: RunningJob): string {
  const url = at(job.order.plan.environment, 'url')
  return url === undefined ? '' : evaluateString(url, jobScope(job))
}

function environmentOf(order: JobOrder, url: string): Pick<JobResult, 'environment'> {
  const name = environmentName(order)
  if (name === '') return {}
  const deployment = at(order.plan.environment, 'deployment')
  return {
    environment: {
      name,
      url,
      deployment: deployment === undefined || evaluate(deployment, { contexts: {} }) !== false,
    },
  }
}

/** The name under `environment:`, empty without one. */
export function environmentName(
  order: Pick<JobOrder, 'plan' | 'needs' | 'matrix' | 'strategy' | 'vars' | 'settings'>,
): string {
  const token = order.plan.environment
  if (token === undefined) return ''
  const { needs, matrix, strategy, vars, settings } = order
  const scope = {
    contexts: { github: settings.githubContext, inputs: settings.inputs, needs, matrix, strategy, vars },
  }
  return evaluateString(at(token, 'name') ?? token, scope)
}

/** `timeout-minutes` of the job: GitHub cancels it. */
function limitTime(job: RunningJob): () => void {
  const token = job.order.plan.timeoutMinutes
  const minutes = token === undefined ? 360 : Number(evaluate(token, jobScope(job)))
  const timer = setTimeout(() => {
    job.ownAnnotations.add({
      level: 'error',
      message: `The job has exceeded the maximum execution time of ${minutes} minutes.`,
    })
    job.cancel()
  }, minutes * 60_000)
  return () => clearTimeout(timer)
}
