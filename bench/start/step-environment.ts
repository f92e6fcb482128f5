import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { actionFiles, type ActionFile } from '../../scripts/docs/action-files.ts'

/** What the runner puts for the expressions that stand as defaults in action.yml. */
const evaluated: Readonly<Record<string, string>> = {
  '${{ github.token }}': 'a-token-that-is-never-used',
  '${{ job.status }}': 'success',
}

const inputsOf = (action: ActionFile, given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => {
      const standard = input.default ?? ''
      return [`INPUT_${name.toUpperCase()}`, given[name] ?? evaluated[standard] ?? standard]
    }),
  )

/**
 * The environment that GitHub's runner gives to a step of `action`, with every input as action.yml has it, in a
 * folder of its own. Nothing of this process's environment but the path.
 */
export const stepEnvironment = (
  root: string,
  folder: string,
  action: string,
  given: Readonly<Record<string, string>>,
): Record<string, string> => {
  const file = actionFiles(root).find((one) => one.folder === `actions/${action}`)
  if (file === undefined) throw new Error(`there is no action ${action}`)
  const runner = join(folder, 'runner')
  mkdirSync(runner, { recursive: true })
  const fileFor = (name: string): string => {
    const path = join(runner, name)
    closeSync(openSync(path, 'w'))
    return path
  }
  return {
    ...inputsOf(file, given),
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: join(folder, 'home'),
    RUNNER_TEMP: runner,
    GITHUB_WORKSPACE: join(folder, 'workspace'),
    GITHUB_OUTPUT: fileFor('output'),
    GITHUB_STATE: fileFor('state'),
    GITHUB_ENV: fileFor('env'),
    GITHUB_PATH: fileFor('path'),
    GITHUB_STEP_SUMMARY: fileFor('summary'),
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'canary',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_SERVER_URL: 'https://github.com',
    DATABASE_URL: 'postgres://127.0.0.1:9/shop', // named in the file; nothing of the kind may be asked at the start
    GITHUB_API_URL: 'http://127.0.0.1:9', // the discard port: nobody answers, and no call may come before the platform's
    NODE_DISABLE_COMPILE_CACHE: '1',
  }
}
