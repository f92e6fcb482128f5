/** A job at work: what its steps share and change, and the ways it is cancelled, killed or loses its runner. */
import { createHash, randomUUID } from 'node:crypto'
import { globSync, readFileSync, statSync } from 'node:fs'
import { arch, platform } from 'node:process'
import { JobAnnotations, type Annotation } from './annotations.ts'
import type { Json, JsonObject, Scope, StatusFunctions } from './expressions.ts'
import type { JobFolders } from './job-folders.ts'
import { Masks } from './masks.ts'
import type { Result, RunEvent, StepResult, Untimed } from './results.ts'
import type { RunSettings } from './run-settings.ts'
import type { StepOrder } from './run-step.ts'
import type { JobPlan, WorkflowFile } from './workflow-file.ts'

/** Thrown through the whole job when its runner is gone: nothing runs after that, no post step either (trap 37). */
export class RunnerLost extends Error {
  constructor() {
    super('The runner has received a shutdown signal, or lost communication with the server')
    this.name = 'RunnerLost'
  }
}

/** What the graph of jobs hands to one job. */
export interface JobOrder {
  workflow: WorkflowFile
  plan: JobPlan
  /** The id with matrix values: unique within the run. */
  key: string
  name: string
  settings: RunSettings
  needs: JsonObject
  matrix: JsonObject | null
  strategy: JsonObject
  secrets: Record<string, string>
  vars: Record<string, string>
  emit: (event: Untimed<RunEvent>) => void
}

/** The steps and inputs an expression sees: the job's own, or those inside a composite action. */
export interface StepScope {
  steps: JsonObject
  inputs: JsonObject
  env: Record<string, string>
  status: () => StatusFunctions
  /** Inside a composite action: its folder. */
  actionPath?: string
}

export class RunningJob {
  readonly order: JobOrder
  readonly folders: JobFolders
  readonly masks = new Masks()
  readonly annotations = new JobAnnotations()
  readonly ownAnnotations: { list: Annotation[]; add: (annotation: Annotation) => void }
  readonly trackingId = `github_${randomUUID()}`
  /** `env:` of workflow and job, and what steps wrote to GITHUB_ENV. */
  readonly env: Record<string, string> = {}
  /** What steps wrote to GITHUB_PATH, the latest first. */
  readonly paths: string[] = []
  readonly steps: JsonObject = {}
  readonly results: StepResult[] = []
  /** Post steps in the order of registration; they run in reverse. */
  readonly posts: StepOrder[] = []
  readonly cancelled = new AbortController()
  readonly lost = new AbortController()
  /** `job.status`. */
  status: Exclude<Result, 'skipped'> = 'success'
  token = ''
  #killProcess: ((signal: NodeJS.Signals) => void) | undefined

  constructor(order: JobOrder, folders: JobFolders) {
    this.order = order
    this.folders = folders
    this.ownAnnotations = this.annotations.ofStep()
    this.token = order.settings.tokenFor(order.plan.permissions)
    for (const secret of [...Object.values(order.secrets), this.token]) this.masks.add(secret)
  }

  /** Cancels the job as GitHub does: the step at work is cancelled unless its `if:` is still true. */
  cancel(): void {
    this.cancelled.abort()
  }

  /** The runner is gone: the process at work dies by SIGKILL, nothing else runs and nothing is cleaned up. */
  loseRunner(): void {
    this.lost.abort()
    this.killProcess('SIGKILL')
  }

  /** Sends a signal to the process of the step at work, and to it alone. Answers whether there was one. */
  killProcess(signal: NodeJS.Signals): boolean {
    this.#killProcess?.(signal)
    return this.#killProcess !== undefined
  }

  /** The process of the step at work; `undefined` when it has ended. */
  set processKill(kill: ((signal: NodeJS.Signals) => void) | undefined) {
    this.#killProcess = kill
    if (this.lost.signal.aborted) kill?.('SIGKILL')
  }

  /** A failed step makes the job fail; a cancelled job stays cancelled. */
  noteFailure(): void {
    if (this.status === 'success') this.status = 'failure'
  }

  throwIfLost(): void {
    if (this.lost.signal.aborted) throw new RunnerLost()
  }

  statusFunctions(): StatusFunctions {
    return {
      success: this.status === 'success',
      failure: this.status === 'failure',
      cancelled: this.status === 'cancelled',
    }
  }

  rootScope(): StepScope {
    return {
      steps: this.steps,
      inputs: this.order.settings.inputs,
      env: this.env,
      status: () => this.statusFunctions(),
    }
  }

  /** Everything an expression in a step can see. */
  expressionScope(scope: StepScope, env: Record<string, string>, action: JsonObject = {}): Scope {
    const { order } = this
    return {
      contexts: {
        github: {
          ...this.githubContext(),
          ...(scope.actionPath === undefined ? {} : { action_path: scope.actionPath }),
          ...action,
        },
        env,
        vars: order.vars,
        secrets: { ...order.secrets, GITHUB_TOKEN: this.token },
        needs: order.needs,
        matrix: order.matrix,
        strategy: order.strategy,
        inputs: scope.inputs,
        steps: scope.steps,
        job: { status: this.status },
        runner: this.runnerContext(),
      },
      status: scope.status(),
      hashFiles: (patterns) => hashFiles(this.folders.workspace, patterns),
    }
  }

  githubContext(): JsonObject {
    const { settings, plan } = this.order
    return {
      ...settings.githubContext,
      token: this.token,
      job: plan.id,
      workspace: this.folders.workspace,
      event_path: this.folders.eventFile,
    }
  }

  runnerContext(): Record<string, string> {
    return {
      name: 'tuesday-test-runner',
      os: platform === 'darwin' ? 'macOS' : 'Linux',
      arch: arch === 'arm64' ? 'ARM64' : 'X64',
      environment: this.order.settings.runnerEnvironment,
      temp: this.folders.temp,
      tool_cache: this.folders.toolCache,
      workspace: this.folders.workspace,
    }
  }
}

/** GitHub's: SHA-256 over the SHA-256 of each matching file, empty without a match. */
function hashFiles(workspace: string, patterns: string[]): string {
  const files = [...new Set(globSync(patterns, { cwd: workspace }))].sort()
  const whole = createHash('sha256')
  let found = false
  for (const file of files) {
    if (!statSync(`${workspace}/${file}`).isFile()) continue
    found = true
    whole.update(
      createHash('sha256')
        .update(readFileSync(`${workspace}/${file}`))
        .digest(),
    )
  }
  return found ? whole.digest('hex') : ''
}

/** The entry of the `steps` context for one step. */
export function stepContext(outputs: Record<string, string>, outcome: Result, conclusion: Result): Json {
  return { outputs, outcome, conclusion }
}
