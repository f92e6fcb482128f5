/** Does the work of one step: a script, a JavaScript action, a checkout. */
import { randomUUID } from 'node:crypto'
import { copyFile, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import type { ActionFile, NodeAction } from './action-file.ts'
import { evaluateString, evaluateStrings, type Scope } from './expressions.ts'
import { contentOf, parseKeyValueFile } from './file-commands.ts'
import { checkOut } from './job-folders.ts'
import type { RunningJob, StepScope } from './running-job.ts'
import type { Stage } from './results.ts'
import { inputVariables, stateVariables, stepEnvironment, type FileCommandPaths } from './step-environment.ts'
import type { StepLog } from './step-log.ts'
import { runProcess } from './step-process.ts'
import type { StepPlan } from './workflow-file.ts'

/** A step at work. */
export interface StepWork {
  job: RunningJob
  scope: StepScope
  plan: StepPlan
  name: string
  stage: Stage
  /** The `env` context of the step. */
  env: Record<string, string>
  log: StepLog
  /** Aborted when the step is cancelled, by the job or by its time limit. */
  cancel: AbortSignal
  outputs: Record<string, string>
  /** Kept from `pre` and `main` for `post`. */
  state: Record<string, string>
  /** Where the step's summary is kept; `undefined` until it has written one. */
  summaryFile: string | undefined
}

/** 1 MiB (trap 36). */
const largestSummary = 1024 * 1024

export function scopeOf(work: StepWork): Scope {
  return work.job.expressionScope(work.scope, work.env)
}

/** `run:` by the shell, as the runner calls it. Answers whether it succeeded. */
export async function executeScript(work: StepWork): Promise<boolean> {
  const { job, plan, log } = work
  if (plan.run === undefined) throw new Error(`The step ${plan.id} has neither run: nor uses:`)
  const script = join(job.folders.temp, `${randomUUID()}.sh`)
  await writeFile(script, `${evaluateString(plan.run, scopeOf(work))}\n`)
  const shell = setting(work, 'shell')
  const [file = 'bash', ...args] = shellCommand(shell, script)
  const directory = setting(work, 'working-directory') ?? '.'
  const cwd = isAbsolute(directory) ? directory : resolve(job.folders.workspace, directory)
  const exitCode = await execute(work, { file, args, cwd, env: {} })
  if (exitCode !== 0 && !work.cancel.aborted) log.error(`Process completed with exit code ${exitCode}.`)
  return exitCode === 0
}

/** A key of the step, else of `defaults.run` in job or workflow. */
function setting(work: StepWork, key: 'shell' | 'working-directory'): string | undefined {
  const own = key === 'shell' ? work.plan.shell : work.plan.workingDirectory
  if (own !== undefined) return evaluateString(own, scopeOf(work))
  for (const defaults of work.job.order.plan.defaults) {
    const value = evaluateStrings(defaults, scopeOf(work))[key]
    if (value !== undefined) return value
  }
  return undefined
}

/** GitHub's own: `bash -e` where nothing is said, and pipefail only where `shell: bash` is written. */
function shellCommand(shell: string | undefined, script: string): string[] {
  if (shell === undefined) return ['bash', '-e', script]
  if (shell === 'bash') return ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', script]
  if (shell === 'sh') return ['sh', '-e', script]
  if (shell === 'python') return ['python3', script]
  if (!shell.includes('{0}'))
    throw new Error(`Invalid shell option '${shell}'. It needs a {0} for the script's name.`)
  return shell.split(/\s+/).map((part) => part.replace('{0}', script))
}

/** A stage of a JavaScript action on Node 24. Answers whether it succeeded. */
export async function executeNode(
  work: StepWork,
  action: ActionFile & { runs: NodeAction },
  origin: { repository: string; ref: string },
): Promise<boolean> {
  const script = action.runs[work.stage]
  if (script === undefined) throw new Error(`${action.name} has no ${work.stage}`)
  const inputs = actionInputs(work, action)
  const exitCode = await execute(work, {
    file: work.job.order.settings.node,
    args: [join(action.directory, script)],
    cwd: work.job.folders.workspace,
    env: { ...inputVariables(inputs), ...stateVariables(work.state) },
    action: origin,
  })
  return exitCode === 0
}

/** `with:` over the defaults of action.yml, evaluated now: the post step sees another `job.status` than the main one. */
export function actionInputs(work: StepWork, action: ActionFile): Record<string, string> {
  const scope = scopeOf(work)
  const given = evaluateStrings(work.plan.with, scope)
  const known = new Map(action.inputs.map((input) => [input.name.toLowerCase(), input]))
  const unexpected = Object.keys(given).filter((name) => !known.has(name.toLowerCase()))
  if (unexpected.length > 0 && work.stage === 'main') {
    work.log.warning(
      `Unexpected input(s) '${unexpected.join("', '")}', valid inputs are ['${action.inputs.map((input) => input.name).join("', '")}']`,
    )
  }
  const inputs: Record<string, string> = { ...given }
  const givenNames = new Set(Object.keys(given).map((name) => name.toLowerCase()))
  for (const input of action.inputs) {
    if (!givenNames.has(input.name.toLowerCase())) {
      inputs[input.name] = input.default === undefined ? '' : evaluateString(input.default, scope)
    } else if (input.deprecationMessage !== undefined && work.stage === 'main') {
      work.log.warning(`Input '${input.name}' has been deprecated with message: ${input.deprecationMessage}`)
    }
  }
  return inputs
}

/** actions/checkout: a copy of the tree that the run was given, into the workspace or `path:` in it. */
export async function executeCheckout(work: StepWork): Promise<boolean> {
  const { settings } = work.job.order
  const given = evaluateStrings(work.plan.with, scopeOf(work))
  const repository = given.repository ?? settings.repository
  const source = repository === settings.repository ? settings.source : settings.actions[repository]
  if (source === undefined) {
    work.log.error(`actions/checkout: there is no source for '${repository}'`)
    return false
  }
  await checkOut(source, resolve(work.job.folders.workspace, given.path ?? '.'))
  work.log.read(`Checked out ${repository} at ${settings.sha}`)
  return true
}

interface Execution {
  file: string
  args: string[]
  cwd: string
  env: Record<string, string>
  action?: { repository: string; ref: string }
}

/** Runs one process with its file commands. What it wrote to them counts however it ended, as on GitHub. */
async function execute(work: StepWork, execution: Execution): Promise<number> {
  const { job, scope, plan, env, log } = work
  const files = await makeFiles(job)
  const { action } = execution
  const environment = stepEnvironment({
    job,
    scope,
    plan,
    env,
    files,
    ...(action === undefined ? {} : { action }),
  })
  const identity = { step: plan.id, name: work.name, stage: work.stage }
  job.throwIfLost()
  try {
    const { exitCode } = await runProcess({
      file: execution.file,
      args: execution.args,
      cwd: execution.cwd,
      env: { ...environment, ...execution.env },
      grace: job.order.settings.grace,
      cancel: work.cancel,
      onLine: (line) => log.read(line),
      onStart: (pid, kill) => {
        job.processKill = kill
        job.order.emit({ type: 'process-started', ...identity, pid })
      },
    })
    job.throwIfLost()
    return (await takeFiles(work, files)) ? exitCode : exitCode || 1
  } finally {
    job.processKill = undefined
  }
}

async function makeFiles(job: RunningJob): Promise<FileCommandPaths> {
  const suffix = randomUUID()
  const at = (prefix: string): string =>
    join(job.folders.temp, '_runner_file_commands', `${prefix}_${suffix}`)
  const files = {
    output: at('set_output'),
    state: at('save_state'),
    env: at('set_env'),
    path: at('add_path'),
    summary: at('step_summary'),
  }
  for (const file of Object.values(files)) await writeFile(file, '')
  return files
}

/** Answers whether the files were well-formed; if not, the step fails. */
async function takeFiles(work: StepWork, files: FileCommandPaths): Promise<boolean> {
  await takeSummary(work, files.summary)
  try {
    const pairs = async (file: string, what: string): Promise<Record<string, string>> =>
      Object.fromEntries(parseKeyValueFile(await contentOf(file), what))
    Object.assign(work.outputs, await pairs(files.output, 'output'))
    Object.assign(work.state, await pairs(files.state, 'state'))
    takeEnvironment(work, await pairs(files.env, 'environment variable'))
    for (const line of (await contentOf(files.path)).split('\n').filter((path) => path !== '')) {
      work.job.paths.unshift(line)
    }
    return true
  } catch (error) {
    work.log.error('Unable to process file command successfully.')
    work.log.error(error instanceof Error ? error.message : String(error))
    return false
  }
}

function takeEnvironment(work: StepWork, variables: Record<string, string>): void {
  if ('NODE_OPTIONS' in variables) {
    throw new Error("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
  }
  Object.assign(work.job.env, variables)
}

async function takeSummary(work: StepWork, file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  if (size === 0) return
  if (size > largestSummary) {
    work.log.error(
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.ceil(size / 1024)}k.`,
    )
    return
  }
  const kept = join(
    work.job.folders.summaries,
    `${work.plan.id}-${work.stage}-${randomUUID().slice(0, 8)}.md`,
  )
  await copyFile(file, kept)
  await writeFile(kept, work.job.masks.hide(await contentOf(kept)))
  work.summaryFile = kept
}
