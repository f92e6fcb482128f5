/** For the tests of the runner: a repository with one workflow and the fixture actions, run to its end. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  startWorkflow,
  type JobResult,
  type RunResult,
  type StepResult,
  type WorkflowRun,
  type WorkflowRunOptions,
} from './run-workflow.ts'

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures')
const made: string[] = []

/** Writes the jobs into a workflow file beside the fixture actions (`./actions/…`, `acme/tools/actions/…@v1`). */
export async function repositoryWith(
  workflow: string,
): Promise<{ file: string; source: string; folder: string }> {
  const root = await mkdtemp(join(tmpdir(), 'a-repository-'))
  made.push(root)
  const source = join(root, 'source')
  await cp(fixtures, source, { recursive: true })
  const file = join(source, '.github', 'workflows', 'test.yml')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(
    file,
    workflow.includes('\non:') || workflow.startsWith('on:') ? workflow : `on: push\n${workflow}`,
  )
  return { file, source, folder: join(root, 'run') }
}

/** Starts a workflow written in the test. */
export async function start(
  workflow: string,
  options: Partial<WorkflowRunOptions> = {},
): Promise<WorkflowRun> {
  return startWorkflow({
    ...(await repositoryWith(workflow)),
    actions: { 'acme/tools': fixtures },
    ...options,
  })
}

/** Runs a workflow written in the test. */
export async function run(workflow: string, options: Partial<WorkflowRunOptions> = {}): Promise<RunResult> {
  return (await start(workflow, options)).finished
}

export function job(result: RunResult, key: string): JobResult {
  const found = result.jobRuns.find((candidate) => candidate.key === key)
  if (found === undefined)
    throw new Error(`No job ${key} among ${result.jobRuns.map((one) => one.key).join(', ')}`)
  return found
}

export function step(result: RunResult, key: string, id: string, stage = 'main'): StepResult {
  const { steps } = job(result, key)
  const found = steps.find((candidate) => candidate.id === id && candidate.stage === stage)
  if (found === undefined)
    throw new Error(`No step ${id} (${stage}) among ${steps.map((one) => one.id).join(', ')}`)
  return found
}

/** Removes what the tests made. */
export async function removeRepositories(): Promise<void> {
  for (const root of made.splice(0)) await rm(root, { recursive: true, force: true })
}
