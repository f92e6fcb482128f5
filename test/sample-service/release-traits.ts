import { readFileSync, statSync } from 'node:fs'

/**
 * How a release misbehaves. Each is set for every version by the environment variable of the same name, or for one
 * version alone by the file that FAULTS_FILE names: `{ "1.2.0": { "ERROR_SHARE": 0.05, "DELAY_MS": 40 } }`. So the
 * release itself is bad, with the same command and environment as the good one. The file is read again when it
 * changes: a release can turn bad while it serves.
 */
export type Traits = {
  /** ERROR_SHARE, 0 to 1: that share of the requests gets a complete 500 that names version and process. */
  errorShare: number
  /** SEED: draws the failing requests pseudo-randomly; without it every (1 / share)th one fails. */
  seed: number | undefined
  /** DELAY_MS: added before every answer, in milliseconds. */
  delayMs: number
  /** NEVER_READY: /readyz and everything but /healthz answer 503 for ever. */
  neverReady: boolean
  /** SLOW_START_MS: not ready for so many milliseconds after the start. */
  slowStartMs: number
  /** CRASH_AFTER_MS: exits in the middle of everything so long after the start. */
  crashAfterMs: number | undefined
  /** CRASH_ON_FILE: exits in the middle of everything when this file is there. */
  crashOnFile: string | undefined
  /** EXIT_AT_ONCE_ON_TERM: no draining; requests in flight are cut off. */
  exitAtOnceOnTerm: boolean
  /** WRONG_VERSION: the label it answers with, whatever it was started as. */
  wrongVersion: string | undefined
  /** PRINT_SECRET: text that it writes to its log at the start and at every tenth order. */
  printSecret: string | undefined
  /** WRITE_COLUMN: a column of the orders table that this release fills: it needs the migration that adds it. */
  writeColumn: string | undefined
  /** METRICS_DOWN: scrapes of /metrics are answered with 503; it goes on serving and counting. */
  metricsDown: boolean
  /** WORKER: who counts inside of this process; a new name is a new worker, whose counters are series of their own, from 0. */
  worker: string
}

type Settings = Record<string, string | number | boolean | undefined>

/**
 * The traits of one version, now.
 *
 * @throws an Error that names the key if a value cannot be read: a release that is meant to be bad in some way and
 *   is not would make a test pass for nothing.
 */
export function readTraits(version: string, env: Record<string, string | undefined>): Traits {
  const settings: Settings = { ...env, ...ofVersion(version, env['FAULTS_FILE']) }
  return {
    errorShare: share(settings, 'ERROR_SHARE'),
    seed: number(settings, 'SEED'),
    delayMs: number(settings, 'DELAY_MS') ?? 0,
    neverReady: yes(settings, 'NEVER_READY'),
    slowStartMs: number(settings, 'SLOW_START_MS') ?? 0,
    crashAfterMs: number(settings, 'CRASH_AFTER_MS'),
    crashOnFile: text(settings, 'CRASH_ON_FILE'),
    exitAtOnceOnTerm: yes(settings, 'EXIT_AT_ONCE_ON_TERM'),
    wrongVersion: text(settings, 'WRONG_VERSION'),
    printSecret: text(settings, 'PRINT_SECRET'),
    writeColumn: text(settings, 'WRITE_COLUMN'),
    metricsDown: yes(settings, 'METRICS_DOWN'),
    worker: text(settings, 'WORKER') ?? '1',
  }
}

/** The traits of a running release: read again, at most ten times a second, when the file has changed. */
export function liveTraits(version: string, env: Record<string, string | undefined>): () => Traits {
  const path = env['FAULTS_FILE']
  let traits = readTraits(version, env)
  let stamp = changedAt(path)
  const timer = setInterval(() => {
    const now = changedAt(path)
    if (now === stamp) return
    stamp = now
    try {
      traits = readTraits(version, env)
    } catch (error) {
      // A writer may be half-way through; what was read before stays until the file can be read.
      console.error(`kept the traits as they were: ${error instanceof Error ? error.message : String(error)}`)
      stamp = undefined
    }
  }, 100)
  timer.unref()
  return () => traits
}

function ofVersion(version: string, path: string | undefined): Settings {
  if (path === undefined || path === '' || changedAt(path) === undefined) return {}
  const byVersion = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Settings>
  return byVersion[version] ?? {}
}

function changedAt(path: string | undefined): string | undefined {
  const stat = path === undefined || path === '' ? undefined : statSync(path, { throwIfNoEntry: false })
  return stat && `${stat.mtimeMs}:${stat.size}`
}

function text(settings: Settings, key: string): string | undefined {
  const value = settings[key]
  return value === undefined || value === '' ? undefined : String(value)
}

function number(settings: Settings, key: string): number | undefined {
  const value = text(settings, key)
  if (value === undefined) return undefined
  const parsed = Number(value)
  if (!Number.isFinite(parsed) || parsed < 0)
    throw new Error(`${key} is "${value}": a number from 0 up is wanted`)
  return parsed
}

function share(settings: Settings, key: string): number {
  const value = number(settings, key) ?? 0
  if (value > 1) throw new Error(`${key} is ${value}: a share from 0 to 1 is wanted`)
  return value
}

function yes(settings: Settings, key: string): boolean {
  const value = text(settings, key) ?? 'false'
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  throw new Error(`${key} is "${value}": true, false, 1 or 0 is wanted`)
}
