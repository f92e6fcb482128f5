/** Which jobs of a run are run: all, some, or after an earlier attempt those that GitHub would run again. */
import type { WorkflowRunOptions } from './run-settings.ts'
import type { WorkflowFile } from './workflow-file.ts'

/** Ids of the jobs to run. Throws if a job is named that the file does not have. */
export function jobsToRun(workflow: WorkflowFile, options: WorkflowRunOptions): Set<string> {
  const all = workflow.jobs.map((job) => job.id)
  const { previousAttempt, reRun = 'all' } = options
  if (options.jobsToRun !== undefined) return withNeeds(workflow, options.jobsToRun)
  if (previousAttempt === undefined || reRun === 'all') return new Set(all)
  if (reRun !== 'failed') return withDependents(workflow, [reRun.job])
  const failed = all.filter((id) => ['failure', 'cancelled'].includes(worstOf(previousAttempt.jobRuns, id)))
  return withDependents(workflow, failed)
}

/** The job's own result: `continue-on-error` hides a failure from `needs`, not from a re-run. */
function worstOf(jobRuns: { id: string; result: string }[], id: string): string {
  const results = jobRuns.filter((job) => job.id === id).map((job) => job.result)
  return ['failure', 'cancelled'].find((result) => results.includes(result)) ?? 'success'
}

function withDependents(workflow: WorkflowFile, ids: string[]): Set<string> {
  const found = new Set(known(workflow, ids))
  for (let size = -1; size !== found.size;) {
    size = found.size
    for (const job of workflow.jobs) if (job.needs.some((id) => found.has(id))) found.add(job.id)
  }
  return found
}

function withNeeds(workflow: WorkflowFile, ids: string[]): Set<string> {
  const found = new Set(known(workflow, ids))
  for (const id of found)
    for (const need of workflow.jobs.find((job) => job.id === id)?.needs ?? []) found.add(need)
  return found
}

function known(workflow: WorkflowFile, ids: string[]): string[] {
  for (const id of ids) {
    if (!workflow.jobs.some((job) => job.id === id)) {
      throw new Error(
        `There is no job '${id}' in ${workflow.file}; there are ${workflow.jobs.map((job) => job.id).join(', ')}`,
      )
    }
  }
  return ids
}
