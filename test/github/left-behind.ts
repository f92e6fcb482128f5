/**
 * After a job the runner kills what the job left running. It finds these processes by the RUNNER_TRACKING_ID in
 * their environment (trap 45), so a process that must outlive its job has to clear that variable.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:process'

/** Kills every process that carries the id; answers their process ids. */
export function killLeftBehind(trackingId: string): number[] {
  const found = (platform === 'linux' ? idsFromProc(trackingId) : idsFromPs(trackingId)).filter(
    (pid) => pid !== process.pid,
  )
  for (const pid of found) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return found
}

function idsFromProc(trackingId: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).split('\0').includes(`RUNNER_TRACKING_ID=${trackingId}`))
    .map(Number)
}

/** Empty for a process that has ended, and for one of another user, which the runner may not read either. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

function idsFromPs(trackingId: string): number[] {
  const listing = execFileSync('ps', ['-E', '-ww', '-ax', '-o', 'pid=,command='], { encoding: 'utf8' })
  return listing
    .split('\n')
    .filter((line) => line.includes(`RUNNER_TRACKING_ID=${trackingId}`))
    .map((line) => Number.parseInt(line, 10))
}
