import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')
/** Ignored by git. */
const tuesday = join(root, '.tuesday')
const WORK = /^demo-work-(\d+)$/
/** Draining and stopping takes at most the `drain` and the `grace` of rollout.yml. */
const STOP_LIMIT_MS = 60_000

/** What stays when the demo is over: summaries, logs and reports; replaced at each run. */
export const keptFolder = join(tuesday, 'demo')

/** Where the platform keeps its state: ledger, releases, control socket. */
export const stateHome = (work: string): string => join(work, 'state')

/** A fresh folder for everything that this run writes. What a run that was killed left behind is cleared away first. */
export async function makeWorkplace(): Promise<string> {
  mkdirSync(tuesday, { recursive: true })
  for (const name of readdirSync(tuesday)) {
    const pid = Number(WORK.exec(name)?.[1] ?? 0)
    if (pid > 0 && (pid === process.pid || !isAlive(pid))) await clearAway(join(tuesday, name))
  }
  const work = join(tuesday, `demo-work-${process.pid}`)
  mkdirSync(work)
  return work
}

async function clearAway(work: string): Promise<void> {
  await stopService(work)
  rmSync(work, { recursive: true, force: true })
}

/**
 * Drains and stops all releases and the supervisor itself, by the platform's own command.
 * @throws an Error with what it said if it could not.
 */
export async function stopService(work: string): Promise<void> {
  const directory = join(stateHome(work), 'tuesday', 'shop-default')
  if (!existsSync(directory)) return
  const command = [join(root, 'dist', 'local-supervisor.js'), 'stop', '--directory', directory]
  await promisify(execFile)(process.execPath, command, { timeout: STOP_LIMIT_MS })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
