import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import type { Faults, PlatformUnderTest, StartPlatform } from './platform-under-test.ts'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')
const NODE = join(ROOT, 'node_modules', '.bin', 'node')

/** The embedded platform: the sample service as processes behind the supervisor's router. */
export const startLocal: StartPlatform = async ({ folder, variables }) => {
  const directory = join(folder, 'state')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const faultsFile = join(folder, 'faults.json')
  const journal = join(folder, 'orders.journal')
  writeFileSync(faultsFile, '{}')
  writeFileSync(journal, '')
  const port = await freePort()
  const faults: Record<string, Faults> = {}
  const service = join(ROOT, 'test', 'sample-service', 'server.ts')
  const rolloutYaml = `
platform:
  local:
    directory: ${directory}
    port: ${port}
    command: [${NODE}, --disable-warning=ExperimentalWarning, ${service}]
    replicas: 2
    env: { FAULTS_FILE: ${faultsFile}, JOURNAL: ${journal} }
    env-from: [${variables.join(', ')}]
    readiness: { path: /readyz, interval: 100ms }
    liveness: { path: /healthz }
    drain: 1s
    grace: 5s
confirm: { header: x-version }
`
  const platform: PlatformUnderTest = {
    name: 'local',
    rolloutYaml,
    env: {},
    publicUrl: `http://127.0.0.1:${port}`,
    websockets: true,
    journal,
    fault: (version, more) => {
      faults[version] = { ...faults[version], ...more }
      writeFileSync(faultsFile, JSON.stringify(faults))
    },
    crash: async (version) => {
      const pids = processesOf(version, faultsFile)
      if (pids.length === 0) throw new Error(`no process of ${version} runs`)
      for (const pid of pids) killIfRunning(pid)
    },
    runs: async (version) => processesOf(version, faultsFile).length > 0,
    isOwnLog: (path) => path.startsWith(join(directory, 'logs')),
    tearDown: async () => {
      // A scenario may have come to nothing: then there is nothing to stop.
      if (!existsSync(directory)) return
      const supervisor = join(ROOT, 'dist', 'local-supervisor.js')
      const stopped = spawnSync(NODE, [supervisor, 'stop', '--directory', directory], {
        encoding: 'utf8',
        timeout: 30_000,
      })
      if (stopped.status !== 0)
        throw new Error(`the supervisor did not stop: ${stopped.stdout}${stopped.stderr}`)
    },
  }
  return platform
}

/** A process that a fault makes crash may have ended by itself since it was listed. */
function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}

/** Processes of a release of this scenario, told by their own environment. */
function processesOf(version: string, faultsFile: string): readonly number[] {
  const listed = spawnSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).stdout
  const services = listed.split('\n').filter((line) => line.includes('sample-service/server.ts'))
  const pids = services.map((line) => Number(line.trim().split(/\s+/)[0]))
  return pids.filter((pid) => {
    const environment = environmentOf(pid)
    return (
      environment.includes(`TUESDAY_VERSION=${version}\0`) &&
      environment.includes(`FAULTS_FILE=${faultsFile}\0`)
    )
  })
}

function environmentOf(pid: number): string {
  try {
    return `${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`
  } catch {
    const listed = spawnSync('ps', ['-Eww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout
    return listed.replaceAll(' ', '\0')
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
