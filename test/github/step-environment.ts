/** The environment of a step's process: nothing but the allow-list, the workflow's own, and the runner's variables. */
import { delimiter } from 'node:path'
import type { RunningJob, StepScope } from './running-job.ts'
import type { StepPlan } from './workflow-file.ts'

/** Keys of the `github` context that steps get as GITHUB_… (actions/runner, GitHubContext). */
const githubVariables = [
  'actor',
  'actor_id',
  'api_url',
  'base_ref',
  'event_name',
  'event_path',
  'graphql_url',
  'head_ref',
  'job',
  'ref',
  'ref_name',
  'ref_protected',
  'ref_type',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'retention_days',
  'run_attempt',
  'run_id',
  'run_number',
  'server_url',
  'sha',
  'triggering_actor',
  'workflow',
  'workflow_ref',
  'workflow_sha',
  'workspace',
]

/** Where a step's process writes what it tells the runner. */
export interface FileCommandPaths {
  output: string
  state: string
  env: string
  path: string
  summary: string
}

export interface EnvironmentOrder {
  job: RunningJob
  scope: StepScope
  plan: StepPlan
  /** The `env` context of the step. */
  env: Record<string, string>
  files: FileCommandPaths
  /** Of an action of another repository. */
  action?: { repository: string; ref: string }
}

/** The environment for one process. GitHub's variables win over the workflow's. */
export function stepEnvironment(order: EnvironmentOrder): Record<string, string> {
  const { job, scope, plan, env, files, action } = order
  const path = env.PATH ?? process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'
  return {
    LANG: 'C.UTF-8',
    HOME: job.folders.home,
    ...job.order.settings.machineEnv,
    ...env,
    PATH: [...job.paths, path].join(delimiter),
    CI: 'true',
    ...githubContextVariables(job),
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: plan.id,
    GITHUB_ACTION_REPOSITORY: action?.repository ?? '',
    GITHUB_ACTION_REF: action?.ref ?? '',
    ...(scope.actionPath === undefined ? {} : { GITHUB_ACTION_PATH: scope.actionPath }),
    GITHUB_OUTPUT: files.output,
    GITHUB_STATE: files.state,
    GITHUB_ENV: files.env,
    GITHUB_PATH: files.path,
    GITHUB_STEP_SUMMARY: files.summary,
    ...runnerVariables(job),
    ...idTokenVariables(job),
  }
}

function githubContextVariables(job: RunningJob): Record<string, string> {
  const context = job.githubContext()
  return Object.fromEntries(
    githubVariables
      .filter((key) => context[key] !== undefined && context[key] !== null)
      .map((key) => [`GITHUB_${key.toUpperCase()}`, String(context[key])]),
  )
}

function runnerVariables(job: RunningJob): Record<string, string> {
  const named = Object.entries(job.runnerContext()).map(([key, value]) => [
    `RUNNER_${key.toUpperCase()}`,
    value,
  ])
  return { ...Object.fromEntries(named), RUNNER_TRACKING_ID: job.trackingId }
}

/** Only a job with `id-token: write` can ask for an OIDC token. */
function idTokenVariables(job: RunningJob): Record<string, string> {
  const { settings, plan } = job.order
  const granted = plan.permissions?.['id-token'] ?? plan.permissions?.['*']
  if (settings.idToken === undefined || granted !== 'write') return {}
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: settings.idToken.url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: settings.idToken.token,
  }
}

/** INPUT_… as the runner names them: upper case, blanks become `_`, hyphens stay. */
export function inputVariables(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  )
}

/** STATE_… : what an earlier stage of the same action wrote to GITHUB_STATE, names as they were written. */
export function stateVariables(state: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]))
}
