import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseDocument } from 'yaml'
import {
  startWorkflow,
  type RunResult,
  type StepResult,
  type WorkflowRun,
  type WorkflowRunOptions,
} from '../github/run-workflow.js'

const root = join(import.meta.dirname, '..', '..')
const examples = join(root, 'examples')

/** What a user's repository has besides the copied files: a service, how it is built, and a migration. */
const OWN_FILES = {
  'dist/server.js': `await import(${JSON.stringify(join(root, 'test', 'sample-service', 'server.ts'))})\n`,
  build: '#!/bin/sh\ntest -f dist/server.js\n',
  'db/migrations/0001_orders.sql': 'CREATE TABLE orders (id text PRIMARY KEY, version text NOT NULL);\n',
}

/** Keys of rollout.yml that a test changes, or takes out: times are shortened by what users may write too. */
export type Changes = readonly (readonly [path: readonly (string | number)[], value: unknown])[]

/** A repository that has copied the examples, on a machine of its own. */
export class Shop {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tuesday-examples-'))
  readonly #databaseUrl: string
  readonly #port: number
  #runs = 0

  private constructor(databaseUrl: string, port: number, changes: Changes) {
    this.#databaseUrl = databaseUrl
    this.#port = port
    for (const [name, text] of Object.entries(OWN_FILES)) this.#write(name, text)
    chmodSync(join(this.#source, 'build'), 0o755)
    this.#write('.github/rollout.yml', shortened(port, changes))
  }

  static async open(databaseUrl: string, changes: Changes = []): Promise<Shop> {
    return new Shop(databaseUrl, await freePort(), changes)
  }

  get #source(): string {
    return join(this.#folder, 'source')
  }

  /** Runs an example as it stands, but for minutes that are a second here. */
  start(example: string, options: Partial<WorkflowRunOptions> = {}): WorkflowRun {
    const text = readFileSync(join(examples, example), 'utf8')
    const quick = text
      .replaceAll(/hold: \d+m/g, 'hold: 1s')
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${this.#port}`)
    const file = this.#write(join('.github', 'workflows', example), quick)
    this.#runs += 1
    const secrets = { DATABASE_URL: this.#databaseUrl }
    return startWorkflow({
      file,
      source: this.#source,
      folder: join(this.#folder, 'runs', String(this.#runs)),
      actions: { 'OWNER/tuesday': root },
      runId: String(this.#runs),
      environments: { production: { secrets } },
      env: { XDG_STATE_HOME: join(this.#folder, 'state') },
      ...options,
    })
  }

  run(example: string, options: Partial<WorkflowRunOptions> = {}): Promise<RunResult> {
    return this.start(example, options).finished
  }

  /** The version that the public address answers with. */
  async serves(): Promise<string | null> {
    return (await fetch(`http://127.0.0.1:${this.#port}/`)).headers.get('x-version')
  }

  /** Stops what runs, and removes everything. */
  async close(): Promise<void> {
    for (const environment of ['production', 'rehearsal']) {
      const directory = join(this.#folder, 'state', 'tuesday', `shop-${environment}`)
      if (!existsSync(directory)) continue
      const stop = [join(root, 'dist', 'local-supervisor.js'), 'stop', '--directory', directory]
      await promisify(execFile)(process.execPath, stop)
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }

  #write(name: string, text: string): string {
    const path = join(this.#source, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
    return path
  }
}

/** examples/rollout.yml with a free port and short times. Nobody asks this shop, so nothing can be compared. */
function shortened(port: number, changes: Changes): string {
  const document = parseDocument(readFileSync(join(examples, 'rollout.yml'), 'utf8'))
  const all: Changes = [
    [['platform', 'local', 'port'], port],
    [['platform', 'local', 'drain'], '200ms'],
    [['timing', 'drain'], '1s'],
    [['analysis'], false],
    // Real answers that confirm a weight take seconds; one test is enough for that.
    [['confirm'], undefined],
    ...[1, 2, 3].map((step) => [['plan', step, 'hold'], '1s'] as const),
    ...changes,
  ]
  document.set('timing', document.createNode({}))
  for (const [path, value] of all) {
    if (value === undefined) document.deleteIn(path)
    else document.setIn(path, value)
  }
  return document.toString({ lineWidth: 0 })
}

/** The main stage of the step that used an action. @throws Error that tells which there are */
export function stepOf(result: RunResult, job: string, action: string): StepResult {
  const steps = result.jobRuns.filter(({ id }) => id === job).flatMap((run) => run.steps)
  const found = steps.findLast(({ name, stage }) => stage === 'main' && name.includes(action))
  if (found === undefined)
    throw new Error(`no step ${action} in ${job}, only ${steps.map(({ name }) => name).join(', ')}`)
  return found
}

/** All that the steps of a run have said, for the message of a test that fails. */
export function logOf(result: RunResult): string {
  return result.jobRuns
    .flatMap(({ id, steps }) => steps.map((step) => `── ${id}: ${step.name}\n${step.log}`))
    .join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}
