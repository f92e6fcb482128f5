import type {
  OnSecret,
  RemoteKind,
  RemoteSource,
  SettingsOfSource,
  SourceConfig,
} from '../config/sources/source-config.js'
import type { TlsSettings } from '../metrics/http/server-settings.js'
import type { SourceContext } from '../metrics/source-context.js'
import type { MetricSource } from '../rollout/ports/metric-source.js'
import { UserError } from '../rollout/user-error.js'

/** What sources are opened with. */
export interface MetricsSurroundings {
  /** The local platform's own, over its connection. */
  readonly local: MetricSource
  readonly context: SourceContext
  /** Told every secret before it is used. */
  readonly onSecret: OnSecret
}

/**
 * Opens the sources of an analysis as one. Only what is used is loaded; nothing is asked yet.
 * @throws UserError for variables that are not set, and settings that cannot be used
 */
export async function openMetrics(
  sources: readonly SourceConfig[],
  surroundings: MetricsSurroundings,
): Promise<MetricSource> {
  const opened = await Promise.all(
    sources.map(async (config) => ({
      source: config.kind === 'local' ? surroundings.local : await openRemote(config, surroundings),
      metrics: config.metrics,
    })),
  )
  const [only] = opened
  if (only !== undefined && opened.length === 1) return only.source
  const { SourcesByMetric } = await import('../metrics/sources-by-metric.js')
  return new SourcesByMetric(opened, () => surroundings.context.clock.wallTime())
}

type Open<K extends RemoteKind> = (settings: SettingsOfSource[K], context: SourceContext) => MetricSource

/** The one place that maps a kind of source to its adapter. */
const ADAPTERS: { readonly [K in RemoteKind]: () => Promise<Open<K>> } = {
  prometheus: async () => (await import('../metrics/prometheus/prometheus.js')).openPrometheus,
  datadog: async () => (await import('../metrics/datadog/datadog.js')).openDatadog,
  cloudwatch: async () => (await import('../metrics/cloudwatch/cloudwatch.js')).openCloudWatch,
  newrelic: async () => (await import('../metrics/newrelic/newrelic.js')).openNewRelic,
  graphite: async () => (await import('../metrics/graphite/graphite.js')).openGraphite,
  influxdb: async () => (await import('../metrics/influxdb/influxdb.js')).openInfluxdb,
  web: async () => (await import('../metrics/web/web.js')).openWeb,
}

/** As the file names it, and what it is: `main (prometheus)`; its kind alone where the file has no other name for it. */
function named({ name, kind }: SourceConfig): string {
  return name === kind ? kind : `${name} (${kind})`
}

async function openRemote<K extends RemoteKind>(
  config: RemoteSource<K>,
  { context, onSecret }: MetricsSurroundings,
): Promise<MetricSource> {
  const [open, { settings, queries }] = await Promise.all([ADAPTERS[config.kind](), config.read(onSecret)])
  const [sourceName, runnerTime] = [named(config), (): Date => context.clock.wallTime()]
  if ('tls' in settings) await readable(sourceName, settings.tls, context.workspace)
  const { AskingSource } = await import('../metrics/asking-source.js')
  return new AskingSource(open(settings, { ...context, sourceName }), {
    queries,
    roles: config.roles,
    runnerTime,
  })
}

/** Certificates are read by the first request, which would be one with traffic on the candidate. */
async function readable(
  source: string,
  tls: TlsSettings | undefined,
  workspace: string | undefined,
): Promise<void> {
  const { tlsMaterial } = await import('../metrics/http/tls-files.js')
  try {
    await tlsMaterial(tls, workspace)
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    throw new UserError(
      `${source}: ${thrown.message}`,
      thrown.hint === undefined ? {} : { hint: thrown.hint },
    )
  }
}
