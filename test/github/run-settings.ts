/** What a run is told, with GitHub's defaults filled in. */
import { createHash } from 'node:crypto'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConcurrencyGroups } from './concurrency-groups.ts'
import type { JsonObject } from './expressions.ts'
import type { RunEvent, RunResult } from './results.ts'
import { githubsGrace, type CancelGrace } from './step-process.ts'
import type { Permissions, WorkflowFile } from './workflow-file.ts'

/** Asks a person: a job whose environment has a protection rule. */
export interface ApprovalRequest {
  /** The job's key. */
  job: string
  environment: string
  /** Aborted when the run is cancelled meanwhile. */
  signal: AbortSignal
}

/** `refused` by a reviewer; `expired` after the 30 days that GitHub waits. Either way the job has failed. */
export type Approval = 'approved' | 'refused' | 'expired'

export interface WorkflowRunOptions {
  /** The workflow file. */
  file: string
  /** The repository as it was committed: what `actions/checkout` copies into each job's workspace. */
  source: string
  /** Where the run keeps its jobs' folders; made if it is missing, never removed. Default: a temporary folder. */
  folder?: string
  /** The checkout whose `node_modules/.bin/node` is Node 24. Default: the one this file lies in. */
  repositoryRoot?: string
  /** `owner/repo` → the folder that `uses: owner/repo/…@ref` means. */
  actions?: Record<string, string>
  /** `owner/repo` that runs the workflow. Default `acme/shop`. */
  repository?: string
  /** Default: a commit id made from the run id. */
  sha?: string
  /** Default `refs/heads/main`. */
  ref?: string
  /** Default `dev`. */
  actor?: string
  /** What started the run. Default `push` with an empty payload. The workflow must name it under `on:`. */
  event?: { name: string; payload?: JsonObject }
  /** Inputs of `workflow_dispatch`. */
  inputs?: JsonObject
  /** Default `1001`. A re-run keeps the id. */
  runId?: string
  runNumber?: number
  secrets?: Record<string, string>
  vars?: Record<string, string>
  /** Secrets and variables of an environment: only its jobs see them. */
  environments?: Record<string, { secrets?: Record<string, string>; vars?: Record<string, string> }>
  /** Further variables of the machine's own environment, the same in all jobs. Nothing else is inherited but PATH. */
  env?: Record<string, string>
  /** GITHUB_TOKEN, or how to make one from the job's `permissions:` (`undefined`: the repository's default). */
  token?: string | ((permissions: Permissions | undefined) => string)
  /** Where GitHub's API is. Default: an address that refuses every connection. */
  apiUrl?: string
  serverUrl?: string
  /** Where jobs with `id-token: write` ask for OIDC tokens. */
  idToken?: { url: string; token: string }
  /** Asked before a job with an `environment:` starts. Default: approved at once. A promise that never settles is a person who never answers. */
  approve?: (request: ApprovalRequest) => Promise<Approval>
  /** Only these jobs and what they need. Default: all. */
  jobsToRun?: string[]
  /** The attempt before this one. */
  previousAttempt?: RunResult
  /**
   * What to run again, with `previousAttempt`: everything; what failed or was cancelled and all that depends on it;
   * or one job and all that depends on it. Jobs that are not run again keep their result and their (stale) outputs.
   * Default `all`.
   */
  reRun?: 'all' | 'failed' | { job: string }
  /** Shared by runs that compete for `concurrency:` groups. Default: none but this run. */
  concurrency?: ConcurrencyGroups
  /** Told at once, in order. */
  onEvent?: (event: RunEvent) => void
  /** How long cancelled processes get. Default: GitHub's 7.5 s and 2.5 s. */
  grace?: CancelGrace
  /** Show `::debug::` lines, as with ACTIONS_STEP_DEBUG. */
  showDebug?: boolean
  /** Whose machine the jobs run on (RUNNER_ENVIRONMENT). Default `github-hosted`. */
  runnerEnvironment?: 'github-hosted' | 'self-hosted'
}

export interface RunSettings {
  node: string
  folder: string
  source: string
  repository: string
  sha: string
  attempt: number
  runId: string
  runNumber: number
  actions: Record<string, string>
  machineEnv: Record<string, string>
  event: { name: string; payload: JsonObject }
  inputs: JsonObject
  secrets: Record<string, string>
  vars: Record<string, string>
  environments: Record<string, { secrets?: Record<string, string>; vars?: Record<string, string> }>
  tokenFor: (permissions: Permissions | undefined) => string
  idToken: { url: string; token: string } | undefined
  approve: (request: ApprovalRequest) => Promise<Approval>
  grace: CancelGrace
  showDebug: boolean
  runnerEnvironment: 'github-hosted' | 'self-hosted'
  /** The parts of the `github` context that are the same in all jobs. */
  githubContext: JsonObject
}

/** Fills in the defaults. `folder` exists already. */
export function settingsFor(
  options: WorkflowRunOptions,
  workflow: WorkflowFile,
  folder: string,
): RunSettings {
  const root = options.repositoryRoot ?? resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')
  const previous = options.previousAttempt
  const runId = previous?.runId ?? options.runId ?? '1001'
  const token =
    options.token ?? `ghs_${createHash('sha256').update(`token ${runId}`).digest('hex').slice(0, 36)}`
  const event = { name: options.event?.name ?? 'push', payload: options.event?.payload ?? {} }
  const common = {
    source: options.source,
    repository: options.repository ?? 'acme/shop',
    sha: options.sha ?? createHash('sha1').update(`commit of run ${runId}`).digest('hex'),
    attempt: (previous?.attempt ?? 0) + 1,
    runId,
    runNumber: previous?.runNumber ?? options.runNumber ?? 1,
    event,
  }
  return {
    ...common,
    folder,
    node: join(root, 'node_modules', '.bin', 'node'),
    actions: options.actions ?? {},
    machineEnv: options.env ?? {},
    inputs: { ...workflow.inputDefaults, ...options.inputs },
    secrets: options.secrets ?? {},
    vars: options.vars ?? {},
    environments: options.environments ?? {},
    tokenFor: typeof token === 'string' ? () => token : token,
    idToken: options.idToken,
    approve: options.approve ?? (() => Promise.resolve('approved')),
    grace: options.grace ?? githubsGrace,
    showDebug: options.showDebug ?? false,
    runnerEnvironment: options.runnerEnvironment ?? 'github-hosted',
    githubContext: githubContext(options, workflow, common),
  }
}

function githubContext(
  options: WorkflowRunOptions,
  workflow: WorkflowFile,
  common: Pick<RunSettings, 'source' | 'repository' | 'sha' | 'attempt' | 'runId' | 'runNumber' | 'event'>,
): JsonObject {
  const ref = options.ref ?? 'refs/heads/main'
  const actor = options.actor ?? 'dev'
  const fileInRepository = relative(options.source, resolve(workflow.file))
  const apiUrl = options.apiUrl ?? 'http://127.0.0.1:9'
  return {
    event: common.event.payload,
    event_name: common.event.name,
    ref,
    ref_name: ref.replace(/^refs\/(heads|tags)\//, ''),
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: 'false',
    head_ref: '',
    base_ref: '',
    sha: common.sha,
    repository: common.repository,
    repository_owner: common.repository.split('/')[0] ?? '',
    repository_id: '600001',
    repository_owner_id: '500001',
    run_id: common.runId,
    run_number: String(common.runNumber),
    run_attempt: String(common.attempt),
    retention_days: '90',
    actor,
    actor_id: '400001',
    triggering_actor: actor,
    workflow: workflow.name,
    workflow_ref: `${common.repository}/${fileInRepository}@${ref}`,
    workflow_sha: common.sha,
    api_url: apiUrl,
    graphql_url: `${apiUrl}/graphql`,
    server_url: options.serverUrl ?? 'https://github.com',
  }
}
