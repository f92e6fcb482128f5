import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startWorkflow } from '../test/github/run-workflow.ts'
import type { RunEvent, WorkflowRun } from '../test/github/run-workflow.ts'
import { startSampleService } from '../test/load/start-sample-service.ts'
import { startLoad } from '../test/load/start.ts'
import type { Load } from '../test/load/start.ts'
import type { Evidence } from '../test/load/verdict.ts'
import { startPostgres } from '../test/testbed/postgres.ts'
import { makeWorkplace, stateHome, stopService } from './workplace.ts'
import { Repository, type Ports } from './repository.ts'
import type { Release } from './releases.ts'

const root = join(import.meta.dirname, '..')

/** Everything that the demo runs on: a database, the shop's repository, a service beside it, and the load. */
export class Stage {
  readonly folder: string
  readonly ports: Ports
  readonly #repository: Repository
  readonly #databaseUrl: string
  readonly #controlUrl: string
  /** How to undo what was started, the last first. */
  readonly #undo: (() => unknown)[]
  #load: Load | undefined

  private constructor(
    folder: string,
    ports: Ports,
    urls: { database: string; control: string },
    undo: (() => unknown)[],
  ) {
    this.folder = folder
    this.ports = ports
    this.#repository = new Repository(join(folder, 'repository'), ports)
    this.#databaseUrl = urls.database
    this.#controlUrl = urls.control
    this.#undo = undo
  }

  /** Starts what the shop needs; nothing of the shop itself. If that fails, nothing is left. */
  static async open(): Promise<Stage> {
    const undo: (() => unknown)[] = []
    try {
      const folder = await makeWorkplace()
      undo.push(() => rmSync(folder, { recursive: true, force: true }))
      const database = await startPostgres()
      undo.push(() => database.stop())
      const control = await startSampleService({
        version: 'control',
        journal: join(folder, 'control.journal'),
      })
      undo.push(() => control.stop())
      undo.push(() => stopService(folder))
      const ports = { public: await freePort(), metrics: await freePort() }
      return new Stage(folder, ports, { database: database.url, control: control.url }, undo)
    } catch (error) {
      await undoAll(undo)
      throw error
    }
  }

  /** Pushes the tag of a release: its commit is made, and the workflow file runs as on GitHub. */
  push(release: Release, runNumber: number, onEvent: (event: RunEvent) => void): WorkflowRun {
    this.#repository.commit(release)
    return startWorkflow({
      file: this.#repository.workflow,
      source: this.#repository.folder,
      folder: join(this.folder, 'runs', release.version),
      actions: { 'OWNER/tuesday': root },
      ref: `refs/tags/${release.version}`,
      runId: String(7000 + runNumber),
      runNumber,
      runnerEnvironment: 'self-hosted',
      environments: { production: { secrets: { DATABASE_URL: this.#databaseUrl } } },
      env: { XDG_STATE_HOME: stateHome(this.folder), JOURNAL: this.#journal },
      onEvent,
    })
  }

  /** Clients of all kinds begin to ask the shop. */
  async startLoad(): Promise<Load> {
    const load = await startLoad({
      target: `http://127.0.0.1:${this.ports.public}`,
      service: 'shop',
      control: this.#controlUrl,
      websockets: 3,
      journals: [this.#journal, join(this.folder, 'control.journal')],
      recordFile: join(this.folder, 'requests.ndjson'),
    })
    this.#load = load
    // Where its record matters it is stopped properly before; here it only has to end.
    this.#undo.push(() => (this.#load === undefined ? undefined : process.kill(load.pid, 'SIGKILL')))
    return load
  }

  /** Ends the load, when everything in flight is answered or lost, and reads what it has written down. */
  async stopLoad(): Promise<Evidence> {
    if (this.#load === undefined) throw new Error('there is no load to stop')
    const evidence = await this.#load.stop()
    this.#load = undefined
    return evidence
  }

  get #journal(): string {
    return join(this.folder, 'shop.journal')
  }

  /** Leaves no process, no database and no folder. @throws an AggregateError with what could not be undone */
  async close(): Promise<void> {
    await undoAll(this.#undo)
  }
}

async function undoAll(undo: (() => unknown)[]): Promise<void> {
  const problems: unknown[] = []
  for (const one of undo.splice(0).toReversed()) {
    try {
      await one()
    } catch (error) {
      problems.push(error)
    }
  }
  if (problems.length > 0) throw new AggregateError(problems, 'the demo could not clean up after itself')
}

/** A port of 127.0.0.1 that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
