import { cpSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import {
  startWorkflow,
  type RunResult,
  type WorkflowRun,
  type WorkflowRunOptions,
} from '../github/run-workflow.ts'
import { startLoad, type Load, type LoadOptions } from '../load/start.ts'
import { verdict, type Bad, type Evidence } from '../load/verdict.ts'
import { faultsOfMachine } from './control/control-record.ts'
import { LEAST_REQUESTS, type Findings } from './findings.ts'
import type { PlatformUnderTest, StartPlatform } from './platforms/platform-under-test.ts'
import { rolloutFile, type ConfigChange } from './rollout-file.ts'
import { canary, deploy, job, workflow } from './workflow-text.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
/** The load begins so long before the first step and ends so long after the losing side is gone. */
const BEFORE_MS = 5_000
const AFTER_MS = 10_000
/** Two scenarios run at once, and two cores are to carry both, the generators included: half of the usual load each. */
const RATES = { keepAlive: 125, newConnection: 100, cookies: 50 }
/** With the steady 225 requests a second without cookies, this makes more than the 5,000 that a share stands on. */
const BURST = { requests: 3_700, perSecond: 520 }
/** How long a step may take to confirm a weight, and a release to be gone. */
const PATIENCE_MS = 90_000

/** The run says nothing about the software under test: the machine was at fault. It is repeated, at most twice. */
export class VoidRun extends Error {}

/** What a scenario wants other than the common stage. */
export interface StageWishes extends ConfigChange {
  /** A second service beside `shop`, on a platform of its own; the load goes to `shop`. */
  readonly second?: string
  /** Whether weights are confirmed by real answers; without it the router's word is all there is. Default true. */
  readonly confirmed?: boolean
  /** How long the scenario may take, in milliseconds, where that is more than usual. */
  readonly limitMs?: number
  /** Variables of the runner's machine that releases are given: secrets that GitHub does not know. */
  readonly variables?: Readonly<Record<string, string>>
  /** Whether a Prometheus is to scrape the platform and the replicas. Default false. */
  readonly scraped?: boolean
}

/** One scenario: a service under load on a platform, and workflow files that are run on it as GitHub runs them. */
export class ScenarioStage {
  readonly folder: string
  /** Of the service `shop`, which the load goes to. */
  readonly platform: PlatformUnderTest
  /** Of the second service. */
  readonly secondPlatform: PlatformUnderTest | undefined
  /** What the scenario measured besides, for the line that it prints. */
  readonly figures: string[] = []
  readonly #wishes: StageWishes
  readonly #runs: { readonly run: WorkflowRun; readonly written: Promise<void> }[] = []
  #load: Load | undefined
  #runNumber = 1000
  #files = 0

  private constructor(
    parts: Pick<ScenarioStage, 'folder' | 'platform' | 'secondPlatform'>,
    wishes: StageWishes,
  ) {
    this.folder = parts.folder
    this.platform = parts.platform
    this.secondPlatform = parts.secondPlatform
    this.#wishes = wishes
  }

  static async open(start: StartPlatform, wishes: StageWishes = {}): Promise<ScenarioStage> {
    const folder = mkdtempSync(join(tmpdir(), 'tuesday-scenario-'))
    const { second, scraped = false } = wishes
    const variables = Object.keys(wishes.variables ?? {})
    const platform = await start({ folder: join(folder, 'shop'), variables, scraped })
    const secondPlatform =
      second === undefined
        ? undefined
        : await start({ folder: join(folder, second), variables, scraped: false })
    const stage = new ScenarioStage({ folder, platform, secondPlatform }, wishes)
    stage.writeConfig(wishes)
    return stage
  }

  /** What the repository holds: what `actions/checkout` copies. */
  get source(): string {
    return join(this.folder, 'source')
  }

  /** Writes rollout.yml as the next checkout will find it. */
  writeConfig(change: ConfigChange = {}): void {
    const services = [{ name: 'shop', yaml: this.platform.rolloutYaml }]
    const { second } = this.#wishes
    if (second !== undefined && this.secondPlatform !== undefined)
      services.push({ name: second, yaml: this.secondPlatform.rolloutYaml })
    mkdirSync(join(this.source, '.github', 'workflows'), { recursive: true })
    const text = rolloutFile(services, change)
    const asked = this.#wishes.confirmed ?? true
    writeFileSync(
      join(this.source, '.github', 'rollout.yml'),
      asked ? text : text.replaceAll(/^ *confirm:.*\n/gm, ''),
    )
  }

  /** Makes this release the stable one, before anything is measured. */
  async live(
    version: string,
    more: { readonly service?: string; readonly environment?: string } = {},
  ): Promise<void> {
    const steps = [deploy(version, { ...more }), canary(100, { hold: '0s', ...more })]
    const result = await this.run(workflow(job({ id: 'release', steps })))
    if (result.conclusion !== 'success') throw new Error(`${version} did not become live:\n${logsOf(result)}`)
  }

  /** Starts the load, and returns when it has run for as long as it must before the first step. */
  async underLoad(more: Partial<LoadOptions> = {}): Promise<Load> {
    const load = await startLoad({
      target: this.platform.publicUrl,
      journals: [this.platform.journal],
      recordFile: join(this.folder, 'record.ndjson'),
      rates: RATES,
      slow: { clients: 5, ms: 6_000 },
      websockets: this.platform.websockets ? 3 : 0,
      ...more,
    })
    this.#load = load
    await passes(BEFORE_MS)
    return load
  }

  /** Runs a workflow file; each run gets a number of its own unless it is a re-run. */
  start(workflow: string, options: Partial<WorkflowRunOptions> = {}): WorkflowRun {
    const runId = options.previousAttempt?.runId ?? options.runId ?? String(++this.#runNumber)
    const name = `run-${runId}-${++this.#files}`
    const file = join(this.source, '.github', 'workflows', `${name}.yml`)
    writeFileSync(file, workflow)
    const run = startWorkflow({
      file,
      source: this.source,
      folder: join(this.folder, 'runs', name),
      actions: { 'OWNER/tuesday': ROOT },
      runId,
      ...options,
      env: { ...this.platform.env, ...this.secondPlatform?.env, ...this.#wishes.variables, ...options.env },
    })
    const log = join(this.folder, `${name}.log`)
    const written = run.finished.then(
      (result) => writeFileSync(log, logsOf(result)),
      (thrown: unknown) => writeFileSync(log, String(thrown)),
    )
    this.#runs.push({ run, written })
    return run
  }

  /** Runs it to its end. */
  run(workflow: string, options: Partial<WorkflowRunOptions> = {}): Promise<RunResult> {
    return this.start(workflow, options).finished
  }

  /** The id of the run that was started last. */
  get lastRunId(): string {
    return String(this.#runNumber)
  }

  /** Requests in a burst, while the weight stands: what a share is measured on. Returns the moments of it. */
  async burst(): Promise<{ from: number; to: number }> {
    if (this.#load === undefined) throw new Error('there is no load')
    return this.#load.burst(BURST.requests, BURST.perSecond)
  }

  /** Waits until a step has confirmed its weight, then measures the share. */
  async burstAt(run: WorkflowRun, step: string): Promise<{ from: number; to: number }> {
    await run.waitFor({ type: 'line', step, line: /Confirmed: / }, { deadlineMs: PATIENCE_MS })
    return this.burst()
  }

  /** Waits until no process of a release is left, as the record of the load asks. */
  async gone(version: string, platform = this.platform): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    while (await platform.runs(version)) {
      if (performance.now() > deadline)
        throw new Error(`a process of ${version} still runs after ${PATIENCE_MS / 1_000} s`)
      await passes(200)
    }
  }

  /**
   * Ends the load 10 s from now and says what clients have seen.
   * @throws VoidRun where the machine was at fault
   */
  async findings(bad: readonly Bad[] = []): Promise<Findings> {
    if (this.#load === undefined) throw new Error('there is no load')
    await passes(AFTER_MS)
    const { sent } = (await this.#load.status()).total
    if (sent < LEAST_REQUESTS) await passes(((LEAST_REQUESTS - sent) / 250) * 1_000)
    const evidence = await this.#load.stop()
    this.#load = undefined
    const found = verdict(evidence, bad)
    const faults = this.#faultsOfMachine(evidence)
    if (faults.length > 0) throw new VoidRun(faults.join('; '))
    const forgiven = bad.length === 0 ? '' : `, ${found.forgiven} answered by the bad release`
    this.figures.unshift(`${found.sent} requests sent, ${found.lost} lost${forgiven}`)
    return { verdict: found, evidence }
  }

  /** What the machine has done to a run that failed before its load was ended; undefined if nothing is known of it. */
  async spoiltBy(): Promise<string | undefined> {
    const evidence = await this.#load?.stop().catch(() => undefined)
    this.#load = undefined
    const reasons = evidence === undefined ? [] : this.#faultsOfMachine(evidence)
    return reasons.length === 0 ? undefined : reasons.join('; ')
  }

  #faultsOfMachine(evidence: Evidence): readonly string[] {
    return [
      ...verdict(evidence).void,
      ...faultsOfMachine(this.platform.name, { from: evidence.record.startedAt }),
    ]
  }

  async close(failed: boolean): Promise<void> {
    await this.#load?.stop().catch(() => undefined)
    // A scenario that has failed has not waited for its runs; none may outlive its folder.
    await Promise.all(this.#runs.map(({ run, written }) => run.end().then(() => written)))
    const ended = await Promise.allSettled([this.platform.tearDown(), this.secondPlatform?.tearDown()])
    if (failed) this.#keep()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    const left = ended.find((one) => one.status === 'rejected')
    if (left !== undefined) throw left.reason
  }

  /** The record of a failed run, and what its steps have said, are kept. */
  #keep(): void {
    const kept = join(ROOT, '.cache', 'failed-scenarios', basename(this.folder))
    mkdirSync(dirname(kept), { recursive: true })
    const plain = (path: string): boolean => !lstatSync(path).isSocket()
    cpSync(this.folder, kept, { recursive: true, filter: plain })
    process.stderr.write(`the record is kept in ${kept}\n`)
  }
}

/** All that the steps of a run have said. */
export function logsOf(result: RunResult): string {
  const steps = result.jobRuns.flatMap((job) =>
    job.steps.map((step) => `── ${job.key} / ${step.id} (${step.stage}): ${step.outcome}\n${step.log}`),
  )
  return steps.join('\n')
}

function passes(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
