import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { readOutputs } from './read-outputs.js'

/** What a step left behind. */
export interface Left {
  readonly exitCode: number | null
  readonly log: string
  readonly outputs: Record<string, string>
  readonly state: Record<string, string>
  readonly summary: string
}

export interface Running {
  readonly process: ChildProcess
  /** Resolves when the log contains a text. */
  readonly until: (text: string) => Promise<void>
  readonly left: Promise<Left>
}

/** Starts steps in processes of their own, each with GitHub's variables and fresh files, and nothing else. */
export class StepProcesses {
  readonly #folder: string
  #count = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async build(): Promise<StepProcesses> {
    const folder = mkdtempSync(join(tmpdir(), 'step-'))
    await build({
      entryPoints: [join(import.meta.dirname, 'fixtures', 'step.ts')],
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    })
    return new StepProcesses(folder)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }

  start(env: Record<string, string>): Running {
    const folder = join(this.#folder, `run-${(this.#count += 1)}`)
    mkdirSync(folder)
    const file = (name: string): string => join(folder, name)
    for (const name of ['output', 'state', 'summary']) writeFileSync(file(name), '')
    const child = spawn(process.execPath, [join(this.#folder, 'step.mjs')], {
      env: { ...runnerVariables(folder), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let log = ''
    const more = new Set<() => void>()
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString()
        for (const told of more) told()
      })
    }
    const until = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!log.includes(text)) return
          more.delete(look)
          resolve()
        }
        more.add(look)
        look()
      })
    const left = new Promise<Left>((resolve) => {
      child.on('close', (exitCode) =>
        resolve({
          exitCode,
          log,
          outputs: readOutputs(readFileSync(file('output'), 'utf8')),
          state: readOutputs(readFileSync(file('state'), 'utf8')),
          summary: readFileSync(file('summary'), 'utf8'),
        }),
      )
    })
    return { process: child, until, left }
  }
}

function runnerVariables(folder: string): Record<string, string> {
  return {
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'canary',
    GITHUB_SHA: '2'.repeat(40),
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_API_URL: 'http://127.0.0.1:1',
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: folder,
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    'INPUT_JOB-STATUS': 'success',
    INPUT_WEIGHT: '25',
  }
}
