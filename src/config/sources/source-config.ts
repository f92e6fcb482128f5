import type { CloudWatchSettings } from '../../metrics/cloudwatch/settings.js'
import type { DatadogSettings } from '../../metrics/datadog/settings.js'
import type { GraphiteSettings } from '../../metrics/graphite/settings.js'
import type { InfluxSettings } from '../../metrics/influxdb/settings.js'
import type { NewRelicSettings } from '../../metrics/newrelic/settings.js'
import type { Preset } from '../../metrics/presets/preset.js'
import type { PrometheusSettings } from '../../metrics/prometheus/settings.js'
import type { WebSettings } from '../../metrics/web/settings.js'

/** The settings of each kind of source, variables filled in. */
export interface SettingsOfSource {
  readonly prometheus: PrometheusSettings
  readonly datadog: DatadogSettings
  readonly cloudwatch: CloudWatchSettings
  readonly newrelic: NewRelicSettings
  readonly graphite: GraphiteSettings
  readonly influxdb: InfluxSettings
  readonly web: WebSettings
}

export type RemoteKind = keyof SettingsOfSource

/** Told what must never be shown, and where it came from: `the variable PROMETHEUS_TOKEN`. */
export type OnSecret = (name: string, value: string) => void

interface OfMetrics {
  /** Its name in messages: that in `sources`, else its kind. */
  readonly name: string
  /** The metrics that it counts. */
  readonly metrics: readonly string[]
}

/** The router of the local platform. */
export interface LocalSource extends OfMetrics {
  readonly kind: 'local'
}

/** A source that is asked over the network. */
export interface RemoteSource<K extends RemoteKind = RemoteKind> extends OfMetrics {
  readonly kind: K
  /** More labels of a slot, by the part that it has in the rollout. */
  readonly roles?: NonNullable<Preset['roles']>
  /**
   * Its settings and what each metric asks, with variables filled in now.
   * @param onSecret told every secret before this resolves
   * @throws UserError that names each variable which is empty or not set, with file, line and column
   */
  read(onSecret: OnSecret): Promise<ReadSource<K>>
}

export interface ReadSource<K extends RemoteKind = RemoteKind> {
  readonly settings: SettingsOfSource[K]
  /** By the names of the metrics. */
  readonly queries: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Where the counts of some metrics come from. */
export type SourceConfig = LocalSource | RemoteSource
