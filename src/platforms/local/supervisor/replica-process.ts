import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { errorCode } from '../state-directory.js'
import { isAlive, processStart, type ProcessStart } from './process-identity.js'

/** How often it is looked whether an adopted process, which tells us nothing by itself, is still there. */
const LOOK_MS = 200

/** One process of a release, in a process group of its own. */
export interface ReplicaProcess {
  readonly pid: number
  readonly start: ProcessStart
  /** Resolves with how it ended, for people: `exited with code 1`. Nothing of its group is left then. */
  readonly ended: Promise<string>
  /** SIGTERM to the group, SIGKILL after the grace; resolves when it has ended. */
  terminate(graceMs: number): Promise<void>
}

export interface Program {
  readonly command: readonly string[]
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string>>
  /** Descriptor that takes its stdout and stderr. */
  readonly output: number
}

/** The program cannot be started at all: trying again changes nothing. */
export class CannotStart extends Error {}

/** @throws CannotStart if program or folder do not exist or may not be used. */
export async function startProcess(program: Program): Promise<ReplicaProcess> {
  const [file = '', ...args] = program.command
  if (!existsSync(program.workingDirectory)) {
    throw new CannotStart(`the working directory ${program.workingDirectory} does not exist`)
  }
  const child = spawn(file, args, {
    cwd: program.workingDirectory,
    env: program.environment,
    stdio: ['ignore', program.output, program.output],
    detached: true,
  })
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
      resolve(signal === null ? `exited with code ${code}` : `was ended by ${signal}`)
    })
  })
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) =>
      reject(isForGood(error) ? new CannotStart(`${file} cannot be started: ${error.message}`) : error),
    )
  })
  // One that has ended already has no start; its `ended` says how it went.
  const pid = child.pid ?? 0
  return {
    pid,
    start: processStart(pid) ?? '',
    ended,
    terminate: (graceMs) => terminate(pid, ended, graceMs),
  }
}

/** No such program, or no right to run it; anything else (no memory, too many processes) may pass. */
function isForGood(error: Error): boolean {
  return ['ENOENT', 'EACCES', 'ENOTDIR', 'ENOEXEC'].includes(errorCode(error) ?? '')
}

/** Takes over a process of the supervisor's former life; undefined if it is gone. */
export function adoptProcess(pid: number, start: ProcessStart): ReplicaProcess | undefined {
  if (!isAlive(pid, start)) return undefined
  const ended = new Promise<string>((resolve) => {
    const timer = setInterval(() => {
      if (stillThere(pid, start)) return
      clearInterval(timer)
      signalGroup(pid, 'SIGKILL')
      resolve('ended (its exit code went to the former supervisor)')
    }, LOOK_MS)
  })
  return { pid, start, ended, terminate: (graceMs) => terminate(pid, ended, graceMs) }
}

/** On Linux /proc tells zombies apart, at no cost; elsewhere `ps` would be a process each time, and init reaps. */
function stillThere(pid: number, start: ProcessStart): boolean {
  if (process.platform === 'linux') return isAlive(pid, start)
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function terminate(pid: number, ended: Promise<string>, graceMs: number): Promise<void> {
  signalGroup(pid, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs)
  await ended
  clearTimeout(timer)
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: nobody is left. EPERM (macOS, for a group of zombies only): likewise.
  }
}
