import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { freePort } from '../../testbed/free-port.ts'
import type { Faults, PlatformUnderTest, ScrapeTarget, StartPlatform } from './platform-under-test.ts'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')
/** Time from SIGTERM in which a replica still takes requests: the router has noticed by then that it is unready. */
const LAME_DUCK_MS = 1_000
const RESTART_LIMIT_MS = 30_000
const NODE = join(ROOT, 'node_modules', '.bin', 'node')

/** The embedded platform: the sample service as processes behind the supervisor's router. */
export const startLocal: StartPlatform = async ({ folder, variables, scraped }) => {
  const directory = join(folder, 'state')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const faultsFile = join(folder, 'faults.json')
  const journal = join(folder, 'orders.journal')
  writeFileSync(faultsFile, '{}')
  writeFileSync(journal, '')
  const port = await freePort()
  const scraping = scraped ? await scrapingOf() : NO_SCRAPING
  const faults: Record<string, Faults> = {}
  const service = join(ROOT, 'test', 'sample-service', 'server.ts')
  const rolloutYaml = `
platform:
  local:
    directory: ${directory}
    port: ${port}${scraping.port}
    command: [${NODE}, --disable-warning=ExperimentalWarning, ${service}]
    replicas: 2
    env: { FAULTS_FILE: ${faultsFile}, JOURNAL: ${journal}${scraping.variables} }
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
    scraped: scraping.targets,
    restartOne: async (version) => {
      const before = processesOf(version, faultsFile)
      const [pid] = before
      if (pid === undefined) throw new Error(`no process of ${version} runs`)
      process.kill(pid, 'SIGTERM')
      const deadline = performance.now() + RESTART_LIMIT_MS
      for (;;) {
        const now = processesOf(version, faultsFile)
        if (!now.includes(pid) && now.length === before.length) return pid
        if (performance.now() > deadline)
          throw new Error(`process ${pid} of ${version} has no successor after ${RESTART_LIMIT_MS / 1_000} s`)
        await new Promise((done) => setTimeout(done, 200))
      }
    },
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

/** What makes a service one that can be scraped: what its settings say, and where the figures are then. */
interface Scraping {
  /** A further line of `platform.local`. */
  readonly port: string
  /** Further entries of its `env`. */
  readonly variables: string
  readonly targets: readonly ScrapeTarget[]
}

const NO_SCRAPING: Scraping = { port: '', variables: '', targets: [] }

/** The router's figures at its metrics port, and those of two replicas in each slot at ports of their own. */
async function scrapingOf(): Promise<Scraping> {
  const router = await freePort()
  const pods: Record<string, readonly number[]> = {
    blue: [await freePort(), await freePort()],
    green: [await freePort(), await freePort()],
  }
  const named = Object.entries(pods).map(([slot, ports]) => `${slot}=${ports.join(',')}`)
  const targets = Object.entries(pods).flatMap(([slot, ports]) =>
    ports.map((port, index) => ({ port, labels: { slot, pod: `${slot}-${index}` } })),
  )
  return {
    port: `\n    metrics-port: ${router}`,
    variables: `, METRICS_PORTS: '${named.join(' ')}', LAME_DUCK_MS: '${LAME_DUCK_MS}'`,
    targets: [{ port: router, labels: {} }, ...targets],
  }
}
