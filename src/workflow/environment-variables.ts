import type { Actor } from '../rollout/scene.js'
import { UserError } from '../rollout/user-error.js'

/**
 * Every variable that GitHub's runner sets and that this project reads, here and nowhere else.
 * Meaning and form: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
export const EnvironmentVariable = {
  /** `owner/name` of the repository whose workflow runs. It owns the service. */
  repository: 'GITHUB_REPOSITORY',
  /** Number of the workflow run; the same in every attempt. */
  run: 'GITHUB_RUN_ID',
  /** 1 for the first attempt of a run, one more for each re-run. */
  attempt: 'GITHUB_RUN_ATTEMPT',
  /** Key of the job in the workflow file; all legs of a matrix share it. */
  job: 'GITHUB_JOB',
  /** Commit that the workflow runs for. */
  commit: 'GITHUB_SHA',
  /** Where people look: `https://github.com`, or the address of a GitHub Enterprise Server. */
  serverUrl: 'GITHUB_SERVER_URL',
  /** Where programs ask: `https://api.github.com`, or that of a GitHub Enterprise Server. */
  apiUrl: 'GITHUB_API_URL',
  /** Folder of the checked-out repository; paths in inputs are relative to it. */
  workspace: 'GITHUB_WORKSPACE',
  /** Folder that is emptied before and after each job; reports are written there. */
  temporaryFolder: 'RUNNER_TEMP',
} as const

type VariableName = (typeof EnvironmentVariable)[keyof typeof EnvironmentVariable]

/** What the runner tells about itself, read once and checked. */
export interface RunnerEnvironment {
  readonly actor: Actor
  readonly commit: string
  /** Without a slash at the end. */
  readonly apiUrl: string
  readonly workspace: string
  readonly temporaryFolder: string
}

/** @throws UserError that lists every variable that is missing or malformed. */
export function readRunnerEnvironment(env: NodeJS.ProcessEnv = process.env): RunnerEnvironment {
  const { repository, run, attempt, job, commit, serverUrl, apiUrl, workspace, temporaryFolder } =
    EnvironmentVariable
  const problems: string[] = []
  const read = (name: VariableName, form: RegExp, allowed: string): string => {
    const value = env[name] ?? ''
    if (!form.test(value))
      problems.push(`${name} is ${value === '' ? 'not set' : JSON.stringify(value)}; expected: ${allowed}`)
    return value
  }
  const owner = {
    repository: read(repository, /^[\w.-]+\/[\w.-]+$/, 'owner/name'),
    run: read(run, /^\d+$/, 'a number'),
    attempt: Number(read(attempt, /^[1-9]\d*$/, 'a number from 1')),
    job: read(job, /^\S+$/, 'the key of a job'),
  }
  const server = withoutSlash(read(serverUrl, /^https?:\/\/\S+$/, 'an address'))
  const found = {
    actor: {
      ...owner,
      url: `${server}/${owner.repository}/actions/runs/${owner.run}/attempts/${owner.attempt}`,
    },
    commit: read(commit, /^[0-9a-f]{40,64}$/, 'a commit in full'),
    apiUrl: withoutSlash(read(apiUrl, /^https?:\/\/\S+$/, 'an address')),
    workspace: read(workspace, /./, 'a folder'),
    temporaryFolder: read(temporaryFolder, /./, 'a folder'),
  }
  if (problems.length === 0) return found
  throw new UserError(
    `the runner's environment is incomplete:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    {
      hint: "These variables are set by GitHub's runner, and by whatever runs workflows in its place.",
    },
  )
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '')
}
