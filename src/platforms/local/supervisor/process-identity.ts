import { readFileSync } from 'node:fs'
import { errorCode, isMissing } from '../state-directory.js'

/**
 * When a process was started, in the system's own words. A process id alone names nobody: the system gives it to
 * another one some day. Id and start time together do.
 */
export type ProcessStart = string

/** When this process was started; undefined if there is none of that id, or only a zombie that nobody has reaped. */
export function processStart(pid: number): ProcessStart | undefined {
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid)
}

/** Whether the process that was started then under that id is still there. */
export function isAlive(pid: number, start: ProcessStart): boolean {
  return processStart(pid) === start
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: state is field 3, starttime (ticks since boot) field 22. */
function startFromProc(pid: number): ProcessStart | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch (error) {
    // ESRCH: it ended between open and read.
    if (isMissing(error) || errorCode(error) === 'ESRCH') return undefined
    throw error
  }
  // The second field is the program's name in brackets and may hold anything, brackets and spaces too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return `${bootId()}/${fields[19] ?? ''}`
}

let knownBoot: string | undefined

/** Ticks since boot repeat after the next boot. */
function bootId(): string {
  knownBoot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  return knownBoot
}

/** macOS has no /proc: `ps` prints state and start with a resolution of one second. */
export function startFromPs(pid: number): ProcessStart | undefined {
  // Loaded where it is needed: a step's start-up pays for what it loads.
  const { execFileSync } = process.getBuiltinModule('node:child_process')
  let line: string
  try {
    line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    // Exit status 1: no such process.
    return undefined
  }
  const [state = '', ...start] = line.split(/\s+/)
  return line === '' || state.startsWith('Z') ? undefined : start.join(' ')
}
