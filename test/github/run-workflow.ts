/**
 * Runs a workflow file as GitHub's runner does, on this machine, with real processes.
 *
 * It imports nothing from `src/`: an action is what its action.yml and the files it names are. Plain Node 24 runs it
 * un-built, and jest does too.
 *
 * ```ts
 * const run = startWorkflow({ file: 'examples/progressive.yml', source: repository, actions: { 'OWNER/tuesday': root } })
 * await run.waitFor({ type: 'line', job: 'canary', step: 'deploy', line: /weight 25 %/ }, { deadlineMs: 20_000 })
 * run.killStep('canary')                       // SIGKILL to the process of the step at work; the job goes on (failure())
 * run.cancel()                                 // the run: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL; always() steps run
 * run.cancelJob('canary')                      // one job, where a scenario wants just that
 * run.killRunner('canary')                     // SIGKILL and nothing else runs, no post step, no clean-up
 * const result = await run.finished            // RunResult (results.ts), plain JSON
 *
 * await runWorkflow({ …the same…, previousAttempt: result, reRun: 'failed' })
 * ```
 *
 * - Options: {@link WorkflowRunOptions} in run-settings.ts. Results and events: results.ts.
 * - Names: a job goes by its id or, in a matrix, by `id (value, …)`; a step by its `id:` or GitHub's name for it
 *   (`__run`, `__run_2`, `__self`, `__owner_repo`).
 * - Each attempt of a job has a folder of its own, `<folder>/attempt-<n>/<job>/`, with fresh HOME, RUNNER_TEMP and
 *   workspace; summaries stay in `summaries/`. What must outlive jobs (a ledger) goes where `env` says.
 * - `actions/checkout` copies `source` without `.git` and `node_modules`; `uses: ./…` is looked up in the workspace,
 *   so it needs a checkout first; `uses: owner/repo/path@ref` is looked up in `actions`.
 * - Not played, and refused by name: reusable workflows, containers, services, docker actions.
 */
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConcurrencyGroups } from './concurrency-groups.ts'
import { JobGraph } from './job-graph.ts'
import { jobsToRun } from './re-run.ts'
import type { RunEvent, RunResult, Stage } from './results.ts'
import { settingsFor, type WorkflowRunOptions } from './run-settings.ts'
import { readWorkflow } from './workflow-file.ts'

export type { Approval, ApprovalRequest, WorkflowRunOptions } from './run-settings.ts'
export type { JobResult, Result, RunEvent, RunResult, StepResult } from './results.ts'
export { ConcurrencyGroups } from './concurrency-groups.ts'
export { problemsOfAction } from './action-file.ts'
export { problemsOfWorkflow } from './workflow-file.ts'

/** Which event to wait for; what is left out may be anything. */
export interface EventPattern {
  type: RunEvent['type']
  job?: string
  step?: string
  stage?: Stage
  /** Of `line` events. */
  line?: RegExp
}

export interface WorkflowRun {
  /** Resolves when every job has ended. Rejects only if the file is refused or the runner itself is broken. */
  finished: Promise<RunResult>
  /** All that happened so far. */
  events: readonly RunEvent[]
  /**
   * The first event that fits, also one that is past; `from` skips the first so many of `events`.
   * Rejects at the deadline and when the run ends without it, with the last lines of its logs.
   */
  waitFor: (pattern: EventPattern, options: { deadlineMs: number; from?: number }) => Promise<RunEvent>
  cancel: () => void
  /** Kills all that is at work, starts nothing more, and resolves when the run has ended: before its folder is removed. */
  end: () => Promise<void>
  /** These throw if the job is not at work. `killStep` answers whether a process was there. */
  cancelJob: (job: string) => void
  killRunner: (job: string) => void
  killStep: (job: string, signal?: NodeJS.Signals) => boolean
}

/** Runs a workflow to its end. */
export function runWorkflow(options: WorkflowRunOptions): Promise<RunResult> {
  return startWorkflow(options).finished
}

/** Starts a workflow and answers at once with the means to watch and disturb it. */
export function startWorkflow(options: WorkflowRunOptions): WorkflowRun {
  const record = new EventRecord(options.onEvent)
  let graph: JobGraph | undefined
  let cancelledEarly = false
  let ended = false
  const working = (): JobGraph => {
    if (graph === undefined) throw new Error('The run has not started yet: wait for an event first')
    return graph
  }
  const finished = (async () => {
    graph = await prepare(options, record)
    if (cancelledEarly) graph.cancel()
    if (ended) graph.powerOff()
    return graph.run()
  })()
  finished.then(
    () => record.end(),
    () => record.end(),
  )
  return {
    finished,
    events: record.events,
    waitFor: (pattern, { deadlineMs, from = 0 }) => record.waitFor(pattern, deadlineMs, from),
    cancel: () => {
      cancelledEarly = true
      graph?.cancel()
    },
    end: async () => {
      ended = true
      graph?.powerOff()
      await finished.catch(() => undefined)
    },
    cancelJob: (job) => working().atWork(job).cancel(),
    killRunner: (job) => working().atWork(job).loseRunner(),
    killStep: (job, signal = 'SIGKILL') => working().atWork(job).killProcess(signal),
  }
}

async function prepare(options: WorkflowRunOptions, record: EventRecord): Promise<JobGraph> {
  const workflow = await readWorkflow(resolve(options.file))
  const folder = resolve(options.folder ?? (await mkdtemp(join(tmpdir(), 'workflow-run-'))))
  await mkdir(folder, { recursive: true })
  const settings = settingsFor(options, workflow, folder)
  if (!workflow.events.includes(settings.event.name)) {
    throw new Error(
      `${options.file} does not run on '${settings.event.name}'; its on: names ${workflow.events.join(', ')}`,
    )
  }
  return new JobGraph({
    workflow,
    settings,
    toRun: jobsToRun(workflow, options),
    reused: options.previousAttempt,
    concurrency: options.concurrency ?? new ConcurrencyGroups(),
    emit: (job, event) => record.add({ ...event, job }),
  })
}

/** Remembers events and wakes who waits for them. */
class EventRecord {
  readonly events: RunEvent[] = []
  readonly #started = performance.now()
  readonly #onEvent: ((event: RunEvent) => void) | undefined
  readonly #listeners = new Set<() => void>()
  #ended = false

  constructor(onEvent: ((event: RunEvent) => void) | undefined) {
    this.#onEvent = onEvent
  }

  add(event: Omit<RunEvent, 'atMs'>): void {
    const whole = { ...event, atMs: Math.round(performance.now() - this.#started) } as RunEvent
    this.events.push(whole)
    this.#onEvent?.(whole)
    for (const listener of [...this.#listeners]) listener()
  }

  end(): void {
    this.#ended = true
    for (const listener of [...this.#listeners]) listener()
  }

  waitFor(pattern: EventPattern, deadlineMs: number, from: number): Promise<RunEvent> {
    return new Promise((resolveWith, reject) => {
      let next = from
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        settle()
      }
      const look = (): void => {
        for (; next < this.events.length; next += 1) {
          const event = this.events[next]
          if (event !== undefined && fits(event, pattern)) return finish(() => resolveWith(event))
        }
        if (this.#ended) finish(() => reject(this.#missed(pattern, 'The run ended without')))
      }
      const timer = setTimeout(
        () => finish(() => reject(this.#missed(pattern, `Within ${deadlineMs} ms there was no`))),
        deadlineMs,
      )
      this.#listeners.add(look)
      look()
    })
  }

  #missed(pattern: EventPattern, what: string): Error {
    const wanted = Object.entries(pattern).map(([key, value]) => `${key} ${String(value)}`)
    const last = this.events.slice(-15).map((event) => JSON.stringify(event))
    return new Error(`${what} event with ${wanted.join(', ')}. The last events:\n${last.join('\n')}`)
  }
}

function fits(event: RunEvent, pattern: EventPattern): boolean {
  const { line, ...rest } = pattern
  const fields = new Map<string, unknown>(Object.entries(event))
  const same = Object.entries(rest).every(
    ([key, value]) =>
      value === undefined ||
      fields.get(key) === value ||
      (key === 'job' && event.job.startsWith(`${value} (`)),
  )
  return same && (line === undefined || (event.type === 'line' && line.test(event.line)))
}
