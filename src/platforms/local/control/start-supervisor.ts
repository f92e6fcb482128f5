import type { LocalSettings } from '../settings.js'

/** A supervisor that was just spawned. */
export interface Started {
  /** Why it will not come up, if that is known already. */
  problem(): string | undefined
}

/**
 * Starts a supervisor that outlives this step, and its being killed: a session and process group of its own, no inherited
 * stdio, and an environment without RUNNER_TRACKING_ID, by which the runner finds and kills what a job leaves behind
 * (trap 45), and without inputs and tokens. `lock` is the state in which its
 * lock was seen to be free: if another one is faster, this one ends by itself.
 */
export function startSupervisor(
  entry: string,
  { directory, service, environment: name, host }: LocalSettings,
  environment: Readonly<Record<string, string>>,
  lock: number,
): Started {
  // Loaded here because most steps find a supervisor running: it costs each start-up some milliseconds.
  const { spawn } = process.getBuiltinModule('node:child_process')
  const args = [
    entry,
    'run',
    '--directory',
    directory,
    '--service',
    service,
    '--environment',
    name,
    '--host',
    host,
    '--lock',
    String(lock),
  ]
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: environment,
    stdio: 'ignore',
    detached: true,
  })
  let problem: string | undefined
  child.once('error', (error) => {
    problem = error.message
  })
  child.once('exit', (code, signal) => {
    if (code !== 0) problem = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`
  })
  child.unref()
  return { problem: () => problem }
}
