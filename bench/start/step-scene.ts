import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuTime } from './cpu-time.ts'
import { stepEnvironment } from './step-environment.ts'

/** The run says nothing: what it should have measured did not come about. */
export class VoidRun extends Error {}

/** A rollout that stands at 0 %, and a listener where the supervisor's control socket was. */
export interface StepScene {
  /** Milliseconds of CPU of one `canary-step` until its first byte to the platform arrives. */
  untilFirstPlatformCall(): Promise<number>
  close(): Promise<void>
}

/** A step that has not called its platform by then never will. */
const deadlineMs = 15_000

const run = async (file: string, words: string[], environment: Record<string, string>): Promise<void> => {
  const child = spawn(process.execPath, [file, ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: environment['GITHUB_WORKSPACE'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) throw new VoidRun(`${file} ended with ${status}:\n${printed}`)
}

/** Deploys two releases, so that one is stable and one is a candidate, and stops what runs. */
const prepare = async (root: string, folder: string, state: string): Promise<void> => {
  const workspace = join(folder, 'workspace')
  mkdirSync(join(folder, 'home'))
  mkdirSync(join(workspace, '.github'), { recursive: true })
  // The example that users copy, as it is but for the port, which somebody here may have.
  const example = readFileSync(join(root, 'examples/rollout.yml'), 'utf8')
  writeFileSync(join(workspace, '.github/rollout.yml'), example.replace(/^( +)port: \d+/m, '$1port: 0'))
  mkdirSync(join(workspace, 'dist'))
  cpSync(join(root, 'bench/start/service.mjs'), join(workspace, 'dist/server.js'))
  writeFileSync(join(workspace, 'dist/package.json'), '{ "type": "module" }')
  const step = (action: string, given: Record<string, string>): Promise<void> =>
    run(join(root, `dist/${action}.js`), [], stepEnvironment(root, folder, action, given))
  try {
    await step('deploy', { version: 'one' })
    await step('canary-step', { weight: '100', hold: '0s', analyze: 'false' })
    await step('deploy', { version: 'two' })
  } finally {
    await run(join(root, 'dist/local-supervisor.js'), ['stop', '--directory', state], {
      GITHUB_WORKSPACE: workspace,
      HOME: join(folder, 'home'),
    })
  }
}

class ControlSocketScene implements StepScene {
  readonly #root: string
  readonly #folder: string
  readonly #state: string
  readonly #server: Server
  #arrived = () => {}

  constructor(root: string, folder: string, state: string) {
    this.#root = root
    this.#folder = folder
    this.#state = state
    this.#server = createServer((connection) => {
      connection.on('error', () => {}) // the step is killed while it is connected
      connection.once('data', () => this.#arrived())
    })
  }

  async listen(): Promise<void> {
    const socket = readFileSync(join(this.#state, 'control-socket'), 'utf8').trim()
    rmSync(socket, { force: true })
    this.#server.listen(socket)
    await once(this.#server, 'listening')
    cpSync(this.#state, `${this.#state}.before`, {
      recursive: true,
      filter: (path) => !path.endsWith('.sock'),
    })
  }

  async untilFirstPlatformCall(): Promise<number> {
    // Each time from the same ledger: the step before was killed holding the lease.
    cpSync(`${this.#state}.before`, this.#state, { recursive: true })
    const environment = stepEnvironment(this.#root, this.#folder, 'canary-step', { weight: '25', hold: '5m' })
    const log = join(this.#folder, 'log')
    let arrived = false
    let deadline: NodeJS.Timeout | undefined
    const cost = await cpuTime(
      {
        file: process.execPath,
        arguments: [join(this.#root, 'dist/canary-step.js')],
        directory: environment['GITHUB_WORKSPACE'] ?? this.#folder,
        environment,
      },
      log,
      (pid) => {
        this.#arrived = () => {
          arrived = true
          process.kill(pid, 'SIGKILL')
        }
        deadline = setTimeout(() => process.kill(pid, 'SIGKILL'), deadlineMs)
      },
    )
    clearTimeout(deadline)
    if (!arrived)
      throw new VoidRun(`the step ended without a call to its platform:\n${readFileSync(log, 'utf8')}`)
    return cost
  }

  async close(): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
    rmSync(this.#folder, { recursive: true })
  }
}

/** Sets everything up in a folder of its own and with the shipped actions; `close` takes it away again. */
export const openStepScene = async (root: string): Promise<StepScene> => {
  const folder = mkdtempSync(join(tmpdir(), 'tuesday-start-'))
  const state = join(folder, 'home/.local/state/tuesday/shop-production')
  await prepare(root, folder, state)
  const scene = new ControlSocketScene(root, folder, state)
  await scene.listen()
  return scene
}
