import type { Config, Overrides } from '../config/config.js'
import { loadConfig } from '../config/load-config.js'
import { readConfigFile, type ConfigSource } from '../config/read-config-file.js'
import { Conductor } from '../rollout/conductor.js'
import { isInPlace } from '../rollout/plan.js'
import type { LedgerStore } from '../rollout/ports/ledger-store.js'
import type { MetricSource } from '../rollout/ports/metric-source.js'
import type { Platform } from '../rollout/ports/platform.js'
import type { Router } from '../rollout/ports/router.js'
import type { Scene } from '../rollout/scene.js'
import type { Stage } from '../workflow/run-action.js'
import { LateMetrics } from './late-metrics.js'
import { LateWitness } from './late-witness.js'
import { randomId } from './random-id.js'

/** What a step says of the service that it works on. */
export interface Wish {
  /** Path of rollout.yml. */
  readonly config: string
  /** Its text, where it was read already. */
  readonly source?: ConfigSource
  readonly service?: string | undefined
  readonly environment?: string | undefined
  readonly state?: string | undefined
  readonly overrides?: Overrides
  /** What the step is called in messages and in the lease. */
  readonly step: string
}

/** A platform with everything that belongs to it. */
interface Adapters {
  readonly platform: Platform
  readonly router: Router
  readonly ledgers: LedgerStore
  readonly metrics: MetricSource
  publicUrl(): Promise<URL>
  close(): Promise<void>
}

/** One service, ready to be worked on. */
export interface Wired {
  readonly config: Config
  readonly conductor: Conductor
  /** The address under which clients ask the service. */
  publicUrl(): Promise<URL>
  /**
   * Opens the sources of metrics, for a step that is going to judge: what is wrong with them is said before anything is changed,
   * and in a dry run too. Nothing is asked of them.
   * @throws UserError for variables that are not set, and settings that cannot be used
   */
  readyToJudge(): Promise<void>
  /** Gives connections back; what runs goes on. */
  close(): Promise<void>
}

/** The one place that maps a config to its adapters. Each is loaded only when it is used. */
export async function wire(stage: Stage, wish: Wish): Promise<Wired> {
  const { workspace } = stage.environment
  const { service, environment, overrides } = wish
  const source = wish.source ?? (await readConfigFile(wish.config, workspace))
  const config = await loadConfig({ ...source, service, environment, overrides, env: process.env })
  for (const note of config.notes) stage.narrator.say(note)
  const adapters = await localAdapters(config, stage)
  const publicUrl = (): Promise<URL> => publicAddress(config, adapters)
  const openedAt = async (): Promise<string | undefined> => conductor.openedAt()
  const metrics = metricsOf(stage, config, adapters, openedAt)
  const conductor = new Conductor(await sceneOf(stage, wish, config, { ...adapters, metrics }, publicUrl))
  const readyToJudge = async (): Promise<void> => {
    if (metrics instanceof LateMetrics) await metrics.ready()
  }
  return { config, conductor, publicUrl, readyToJudge, close: () => adapters.close() }
}

async function sceneOf(
  stage: Stage,
  wish: Wish,
  config: Config,
  adapters: Omit<Adapters, 'metrics'> & { readonly metrics: MetricSource | undefined },
  publicUrl: () => Promise<URL>,
): Promise<Scene> {
  const { platform, router, ledgers, metrics } = adapters
  const { confirm } = config
  return {
    service: config.service,
    environment: config.environment ?? DEFAULT_ENVIRONMENT,
    step: wish.step,
    actor: stage.environment.actor,
    state: wish.state,
    platform,
    router: isInPlace(config.policy.plan.strategy) ? undefined : router,
    ledgers,
    metrics,
    witness: confirm === undefined ? undefined : new LateWitness(publicUrl, confirm.version),
    schema: undefined,
    judge: async (parameters) => (await import('../analysis/judge.js')).judge(parameters),
    clock: stage.clock,
    narrator: stage.narrator,
    policy: config.policy,
    signal: stage.signal,
    randomId,
  }
}

/** The local platform's own counts are at hand; other sources are opened when they are needed. */
function metricsOf(
  { clock, signal, narrator, masks, environment: { workspace } }: Stage,
  { metrics, service }: Config,
  adapters: Adapters,
  openedAt: () => Promise<string | undefined>,
): MetricSource | undefined {
  if (metrics === undefined) return undefined
  if (metrics.every(({ kind }) => kind === 'local')) return adapters.metrics
  const open = async (): Promise<MetricSource> => {
    const { openMetrics } = await import('./wiring-metrics.js')
    const began = await openedAt()
    // A step that opens the rollout itself opens it after now.
    const started = began === undefined ? clock.wallTime() : new Date(began)
    const warn = (line: string): void => narrator.warn(line)
    const note = (line: string): void => narrator.say(line)
    return openMetrics(metrics, {
      local: adapters.metrics,
      context: { clock, signal, service, workspace, warn, note, rolloutStarted: () => started },
      onSecret: (name, value) => masks.add(name, value),
    })
  }
  return new LateMetrics(open, () => clock.wallTime())
}

/** Shorter values of variables are words, switches and numbers, which would mask half of the log and drop outputs (trap 35). */
const SHORTEST_SECRET = 8

/** The name under which a service is kept where no environment is named. */
export const DEFAULT_ENVIRONMENT = 'default'

async function publicAddress(config: Config, adapters: Adapters): Promise<URL> {
  const configured = config.confirm?.url
  return configured === undefined ? adapters.publicUrl() : new URL(await configured.value())
}

async function localAdapters(
  { platform: { settings }, policy }: Config,
  { masks, environment: { workspace } }: Stage,
): Promise<Adapters> {
  for (const name of settings.envFrom) maskVariable(masks, name)
  const local = await import('../platforms/local/local.js')
  const { strategy } = policy.plan
  const taking = strategy === 'rolling' || strategy === 'recreate' ? strategy : 'slots'
  const { dryRun } = policy
  return local.openLocal({ settings, workspace, environment: process.env, dryRun }, taking)
}

/** A release may print what it was given, and the end of its log is shown when it fails. */
function maskVariable(masks: Stage['masks'], name: string): void {
  const value = process.env[name]
  if (value !== undefined && value.length >= SHORTEST_SECRET) masks.add(`the variable ${name}`, value)
}
