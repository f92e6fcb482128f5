/** What jobs are to each other: who comes before whom, and what `needs` shows of a job. */
import type { ConcurrencyRule } from './concurrency-groups.ts'
import { evaluate, evaluateString, type Scope } from './expressions.ts'
import { at } from './read-template.ts'
import type { JobResult, Result } from './results.ts'
import type { JobPlan, WorkflowFile } from './workflow-file.ts'

/** What `needs.<id>` shows. */
export type Needed = { result: Result; outputs: Record<string, string> }

/** Every job that comes before one, directly or not. */
export function ancestors(workflow: WorkflowFile, plan: JobPlan, found = new Set<string>()): Set<string> {
  for (const id of plan.needs) {
    if (found.has(id)) continue
    found.add(id)
    ancestors(workflow, findJob(workflow, id), found)
  }
  return found
}

export function findJob(workflow: WorkflowFile, id: string): JobPlan {
  const found = workflow.jobs.find((job) => job.id === id)
  if (found === undefined) throw new Error(`There is no job '${id}' in ${workflow.file}`)
  return found
}

/** A job that never started. */
export function unrun(result: Result): Needed {
  return { result, outputs: {} }
}

/** What `needs` shows of all instances of a job: the worst result, and of each output the last value that was set. */
export function merge(results: { job: JobResult; hidesFailure: boolean }[]): Needed {
  const shown = results.map(({ job, hidesFailure }) =>
    job.result === 'failure' && hidesFailure ? 'success' : job.result,
  )
  const worst = (['failure', 'cancelled', 'success', 'skipped'] as const).find((result) =>
    shown.includes(result),
  )
  const outputs: Record<string, string> = {}
  for (const { job } of results) Object.assign(outputs, job.outputs)
  return { result: worst ?? 'skipped', outputs }
}

/** What `concurrency:` asks for. */
export function concurrencyRule(token: NonNullable<JobPlan['concurrency']>, scope: Scope): ConcurrencyRule {
  const cancel = at(token, 'cancel-in-progress')
  const queue = at(token, 'queue')
  return {
    group: evaluateString(at(token, 'group') ?? token, scope),
    cancelInProgress: cancel !== undefined && evaluate(cancel, scope) === true,
    queue: queue !== undefined && evaluateString(queue, scope) === 'max' ? 'max' : 'single',
  }
}
