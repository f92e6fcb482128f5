/** The jobs of one run: who waits for whom, who is skipped, who runs again, and what the run comes to. */
import type { ConcurrencyGroups, Place } from './concurrency-groups.ts'
import {
  evaluate,
  evaluateCondition,
  evaluateString,
  type JsonObject,
  type Scope,
  type StatusFunctions,
} from './expressions.ts'
import { environmentName, prepareJob, runJob } from './job-run.ts'
import { killLeftBehind } from './left-behind.ts'
import { expandMatrix, matrixLabel } from './matrix.ts'
import { ancestors, concurrencyRule, findJob, merge, unrun, type Needed } from './needed-jobs.ts'
import type { JobResult, Result, RunEvent, RunResult, Untimed } from './results.ts'
import type { JobOrder, RunningJob } from './running-job.ts'
import type { RunSettings } from './run-settings.ts'
import type { JobPlan, WorkflowFile } from './workflow-file.ts'

export interface GraphOptions {
  workflow: WorkflowFile
  settings: RunSettings
  /** Ids of the jobs that run; the others are taken from `reused`, or left out. */
  toRun: Set<string>
  reused: RunResult | undefined
  concurrency: ConcurrencyGroups
  emit: (job: string, event: Untimed<RunEvent>) => void
}

export class JobGraph {
  readonly #options: GraphOptions
  readonly #pending = new Map<string, Promise<Needed>>()
  readonly #finished = new Map<string, Needed>()
  readonly #jobRuns: JobResult[] = []
  readonly #atWork = new Map<string, { job: RunningJob; staysWhenCancelled: () => boolean }>()
  readonly #cancelled = new AbortController()
  #off = false

  constructor(options: GraphOptions) {
    this.#options = options
  }

  /** Runs all jobs to the end. */
  async run(): Promise<RunResult> {
    const started = performance.now()
    const { workflow, settings } = this.#options
    const place = this.#join(workflow.concurrency, this.#scope({}), () => this.cancel())
    try {
      if (await place.start()) await Promise.all(workflow.jobs.map((plan) => this.#job(plan)))
    } finally {
      place.leave()
    }
    return {
      runId: settings.runId,
      runNumber: settings.runNumber,
      attempt: settings.attempt,
      conclusion: this.#conclusion(),
      jobs: Object.fromEntries(
        workflow.jobs.map(({ id }) => [id, this.#finished.get(id) ?? unrun('cancelled')]),
      ),
      jobRuns: this.#jobRuns,
      folder: settings.folder,
      seconds: (performance.now() - started) / 1000,
    }
  }

  /** Cancels the run. A running job whose `if:` is still true goes on, as on GitHub. */
  cancel(): void {
    this.#cancelled.abort()
    for (const { job, staysWhenCancelled } of this.#atWork.values()) if (!staysWhenCancelled()) job.cancel()
  }

  /** Every runner is gone for good: what is at work is killed with all that it left running, and nothing starts any more. */
  powerOff(): void {
    this.#off = true
    this.#cancelled.abort()
    for (const { job } of this.#atWork.values()) {
      job.loseRunner()
      killLeftBehind(job.trackingId)
    }
  }

  /** The job at work under an id or key. Throws if none is. */
  atWork(name: string): RunningJob {
    for (const { job } of this.#atWork.values()) {
      if (job.order.key === name || job.order.plan.id === name) return job
    }
    throw new Error(
      `The job '${name}' is not at work; at work: ${[...this.#atWork.keys()].join(', ') || 'none'}`,
    )
  }

  #job(plan: JobPlan): Promise<Needed> {
    const known = this.#pending.get(plan.id)
    if (known !== undefined) return known
    const needed = this.#decide(plan).then((outcome) => {
      this.#finished.set(plan.id, outcome)
      return outcome
    })
    this.#pending.set(plan.id, needed)
    return needed
  }

  async #decide(plan: JobPlan): Promise<Needed> {
    const { toRun, reused, workflow } = this.#options
    if (!toRun.has(plan.id)) {
      this.#jobRuns.push(...(reused?.jobRuns.filter((job) => job.id === plan.id) ?? []))
      return reused?.jobs[plan.id] ?? unrun('skipped')
    }
    await Promise.all(plan.needs.map((id) => this.#job(findJob(workflow, id))))
    try {
      return this.#mayRun(plan) ? await this.#runAll(plan) : this.#skip(plan)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#jobRuns.push(this.#withoutRunner(plan, plan.id, 'failure', message))
      return unrun('failure')
    }
  }

  #mayRun(plan: JobPlan): boolean {
    if (this.#off) return false
    return evaluateCondition(plan.if, this.#scope(this.#needs(plan), this.#statusBefore(plan)))
  }

  /** Status functions of a job look at all jobs before it, also those it does not need directly. */
  #statusBefore(plan: JobPlan): StatusFunctions {
    const results = [...ancestors(this.#options.workflow, plan)].map((id) => this.#finished.get(id)?.result)
    const cancelled = this.#cancelled.signal.aborted
    return {
      success: !cancelled && results.every((result) => result === 'success'),
      failure: !cancelled && results.includes('failure'),
      cancelled,
    }
  }

  #needs(plan: JobPlan): JsonObject {
    return Object.fromEntries(
      plan.needs.map((id) => [id, { ...(this.#finished.get(id) ?? unrun('skipped')) }]),
    )
  }

  #scope(needs: JsonObject, status?: StatusFunctions): Scope {
    const { settings } = this.#options
    const contexts = { github: settings.githubContext, inputs: settings.inputs, vars: settings.vars, needs }
    return { contexts, ...(status === undefined ? {} : { status }) }
  }

  #skip(plan: JobPlan): Needed {
    this.#jobRuns.push(this.#withoutRunner(plan, plan.id, 'skipped'))
    this.#options.emit(plan.id, { type: 'job-finished', result: 'skipped' })
    return unrun('skipped')
  }

  async #runAll(plan: JobPlan): Promise<Needed> {
    const { matrices, failFast, maxParallel } = this.#strategy(plan)
    const queue = matrices.map((matrix, index) => ({ matrix, index }))
    const results: { job: JobResult; hidesFailure: boolean }[] = []
    let stop = false
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const order = this.#order(plan, next.matrix, {
          failFast,
          maxParallel,
          index: next.index,
          total: matrices.length,
        })
        const result = stop ? this.#withoutRunner(plan, order.key, 'cancelled') : await this.#runOne(order)
        results.push({ job: result, hidesFailure: this.#continues(order) })
        this.#jobRuns.push(result)
        if (result.result === 'failure' && failFast && !this.#continues(order) && matrices.length > 1) {
          stop = true
          for (const { job } of this.#atWork.values()) if (job.order.plan.id === plan.id) job.cancel()
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(maxParallel, matrices.length) }, worker))
    return merge(results)
  }

  #strategy(plan: JobPlan): { matrices: (JsonObject | null)[]; failFast: boolean; maxParallel: number } {
    if (plan.strategy === undefined) return { matrices: [null], failFast: true, maxParallel: 1 }
    const strategy = evaluate(plan.strategy, this.#scope(this.#needs(plan)))
    const {
      matrix = null,
      'fail-fast': failFast = true,
      'max-parallel': maxParallel = Infinity,
    } = asObject(strategy)
    const matrices = matrix === null ? [null] : expandMatrix(asObject(matrix))
    if (matrices.length === 0) throw new Error('Matrix vector does not contain any values')
    return { matrices, failFast: failFast !== false, maxParallel: Number(maxParallel) }
  }

  #order(
    plan: JobPlan,
    matrix: JsonObject | null,
    strategy?: { failFast: boolean; maxParallel: number; index: number; total: number },
    key = matrix === null ? plan.id : `${plan.id} ${matrixLabel(matrix)}`,
  ): JobOrder {
    const { workflow, settings, emit } = this.#options
    const needs = this.#needs(plan)
    const context: JsonObject = {
      'fail-fast': strategy?.failFast ?? true,
      'job-index': strategy?.index ?? 0,
      'job-total': strategy?.total ?? 1,
      'max-parallel': Number.isFinite(strategy?.maxParallel)
        ? (strategy?.maxParallel ?? 1)
        : (strategy?.total ?? 1),
    }
    const scope = this.#scope(needs)
    const name =
      plan.name === undefined
        ? key
        : evaluateString(plan.name, { contexts: { ...scope.contexts, matrix, strategy: context } })
    const common = { plan, settings, needs, matrix, strategy: context, vars: settings.vars }
    const environment = settings.environments[environmentName(common)]
    return {
      ...common,
      workflow,
      key,
      name,
      secrets: { ...settings.secrets, ...environment?.secrets },
      vars: { ...settings.vars, ...environment?.vars },
      emit: (event) => emit(key, event),
    }
  }

  async #runOne(order: JobOrder): Promise<JobResult> {
    const { plan, key } = order
    const scope = this.#scope(order.needs)
    const place = this.#join(
      plan.concurrency,
      { contexts: { ...scope.contexts, matrix: order.matrix, strategy: order.strategy } },
      () => this.#atWork.get(key)?.job.cancel(),
    )
    try {
      if (plan.concurrency !== undefined) order.emit({ type: 'job-queued' })
      const refusal = await this.#approval(order)
      if (refusal !== undefined) return this.#withoutRunner(plan, key, refusal.result, refusal.message)
      if (!(await place.start()) || this.#mustNotStart(plan))
        return this.#withoutRunner(plan, key, 'cancelled')
      const job = await prepareJob(order)
      this.#atWork.set(key, { job, staysWhenCancelled: () => this.#mayRun(plan) })
      if (this.#off) job.loseRunner()
      return await runJob(job)
    } finally {
      this.#atWork.delete(key)
      place.leave()
    }
  }

  /** The run was cancelled while the job waited, and its condition does not ask for such a case. */
  #mustNotStart(plan: JobPlan): boolean {
    return this.#cancelled.signal.aborted && !this.#mayRun(plan)
  }

  async #approval(order: JobOrder): Promise<{ result: Result; message: string } | undefined> {
    const environment = environmentName(order)
    if (environment === '') return undefined
    const { signal } = this.#cancelled
    order.emit({ type: 'job-waiting', environment })
    const cancelled = new Promise<'cancelled'>((resolve) => {
      if (signal.aborted) resolve('cancelled')
      signal.addEventListener('abort', () => resolve('cancelled'), { once: true })
    })
    const request = { job: order.key, environment, signal }
    const answer = await Promise.race([order.settings.approve(request), cancelled])
    if (answer === 'approved') return undefined
    if (answer === 'cancelled') {
      return this.#mayRun(order.plan)
        ? undefined
        : { result: 'cancelled', message: 'The run was canceled while the job waited for approval.' }
    }
    const message = answer === 'refused' ? 'was rejected by a reviewer' : 'was not reviewed within 30 days'
    return { result: 'failure', message: `The deployment to ${environment} ${message}.` }
  }

  #join(token: JobPlan['concurrency'], scope: Scope, onDisplaced: () => void): Place {
    const rule = token === undefined ? undefined : concurrencyRule(token, scope)
    if (rule !== undefined) return this.#options.concurrency.join(rule, onDisplaced)
    return { start: () => Promise.resolve(true), leave: () => undefined }
  }

  #continues(order: JobOrder): boolean {
    const token = order.plan.continueOnError
    if (token === undefined) return false
    const scope = this.#scope(order.needs)
    return (
      evaluate(token, { contexts: { ...scope.contexts, matrix: order.matrix, strategy: order.strategy } }) ===
      true
    )
  }

  #withoutRunner(plan: JobPlan, key: string, result: Result, message?: string): JobResult {
    const annotations = message === undefined ? [] : [{ level: 'error' as const, message }]
    const attempt = this.#options.settings.attempt
    return { id: plan.id, key, name: key, result, outputs: {}, steps: [], annotations, seconds: 0, attempt }
  }

  #conclusion(): RunResult['conclusion'] {
    const results = [...this.#finished.values()].map((needed) => needed.result)
    if (this.#cancelled.signal.aborted || results.includes('cancelled')) return 'cancelled'
    return results.includes('failure') ? 'failure' : 'success'
  }
}

function asObject(value: unknown): JsonObject {
  if (isObject(value)) return value
  throw new Error(`Expected a mapping, got ${JSON.stringify(value)}`)
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
