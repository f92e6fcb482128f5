/** A repository whose workflows use the built actions on the embedded platform, without load: quick. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  startWorkflow,
  type RunResult,
  type StepResult,
  type WorkflowRunOptions,
} from '../github/run-workflow.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
const NODE = join(ROOT, 'node_modules', '.bin', 'node')
const SERVICE = join(import.meta.dirname, 'fixtures', 'service.mjs')

/** What all services of these tests share; a test adds plan and smoke checks. */
const COMMON = `
confirm: { header: x-version }
timing: { drain: 1s, settle: 100ms }
`

export class Repository {
  readonly #folder: string
  readonly #states: readonly string[]
  #runs = 0

  private constructor(folder: string, states: readonly string[]) {
    this.#folder = folder
    this.#states = states
  }

  /** With these services, and this at the end of its rollout.yml. */
  static async open(services: readonly string[], more: string): Promise<Repository> {
    const folder = mkdtempSync(join(tmpdir(), 'tuesday-actions-'))
    const source = join(folder, 'source', '.github')
    mkdirSync(join(source, 'workflows'), { recursive: true })
    const states = services.map((name) => join(folder, `state-${name}`))
    for (const state of states) mkdirSync(state, { mode: 0o700 })
    const texts = await Promise.all(services.map((name, index) => serviceText(name, states[index] ?? folder)))
    const head = services.length === 1 ? texts.join('') : `services:\n${texts.join('')}`
    writeFileSync(join(source, 'rollout.yml'), `${head}${COMMON}${more}`)
    return new Repository(folder, states)
  }

  /** Runs one job of these steps to its end, after a checkout. */
  async run(steps: readonly string[], options: Partial<WorkflowRunOptions> = {}): Promise<RunResult> {
    const name = `run-${++this.#runs}`
    const file = join(this.#folder, 'source', '.github', 'workflows', `${name}.yml`)
    const all = ['- uses: actions/checkout@v5', ...steps].map((step) => `      ${step}\n`)
    writeFileSync(
      file,
      `on: push\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n${all.join('')}`,
    )
    const run = startWorkflow({
      file,
      source: join(this.#folder, 'source'),
      folder: join(this.#folder, 'runs', name),
      actions: { 'OWNER/tuesday': ROOT },
      runId: String(100 + this.#runs),
      ...options,
    })
    return run.finished
  }

  close(): void {
    const supervisor = join(ROOT, 'dist', 'local-supervisor.js')
    for (const state of this.#states)
      spawnSync(NODE, [supervisor, 'stop', '--directory', state], { timeout: 30_000 })
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The service at the top of the file, or one of several below `services:`. */
async function serviceText(name: string, state: string): Promise<string> {
  const local = `{ directory: ${state}, port: ${await freePort()}, command: [${NODE}, ${SERVICE}], readiness: { path: /, interval: 50ms } }`
  return state.endsWith('state-shop')
    ? `service: shop\nplatform:\n  local: ${local}\n`
    : `  ${name}:\n    platform:\n      local: ${local}\n`
}

/** The main stage of a step. @throws Error with what all steps said if there is none */
export function stepOf(result: RunResult, id: string): StepResult {
  const steps = result.jobRuns.flatMap((job) => job.steps)
  const found = steps.find((step) => step.id === id && step.stage === 'main')
  if (found === undefined) throw new Error(`no step ${id}:\n${steps.map((step) => step.log).join('\n')}`)
  return found
}

/** What a step wrote into the job summary. */
export function summaryOf({ summaryFile }: StepResult): string {
  return summaryFile === undefined ? '' : readFileSync(summaryFile, 'utf8')
}

/** A step that uses one of the actions, or the root action with ''. */
export function uses(action: string, id: string, given: Record<string, string> = {}, keys = ''): string {
  const path = action === '' ? 'OWNER/tuesday@v1' : `OWNER/tuesday/actions/${action}@v1`
  return `- { id: ${id}, uses: ${path}, with: ${JSON.stringify(given)}${keys === '' ? '' : `, ${keys}`} }`
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
