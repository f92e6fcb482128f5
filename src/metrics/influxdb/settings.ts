import type { ServerSettings } from '../http/server-settings.js'

/** How InfluxDB is reached. All values are resolved: no `${NAME}` is left in them. */
export type InfluxSettings = FluxSettings | InfluxqlSettings

interface ReachedInflux extends Omit<ServerSettings, 'basic' | 'bearer'> {
  /** How long after a window its points are there, in milliseconds. Default: 20 s. */
  readonly lagMs?: number
  /** How far apart points are, in milliseconds: the `interval` of Telegraf. Default: 10 s. */
  readonly stepMs?: number
}

/** InfluxDB 2 and Cloud, asked in Flux. */
export interface FluxSettings extends ReachedInflux {
  readonly language?: 'flux'
  /** Sent as `Authorization: Token …`. May read the bucket, no more. */
  readonly token: string
  /** Name of the organization. */
  readonly org: string
  /** `v.defaultBucket` in queries. */
  readonly bucket?: string
}

/** InfluxDB 1, and whatever speaks its API, asked in InfluxQL. */
export interface InfluxqlSettings extends ReachedInflux {
  readonly language: 'influxql'
  readonly database: string
  /** The database's own one if not given. */
  readonly retentionPolicy?: string
  readonly username?: string
  readonly password?: string
  /** Instead of user and password: sent as `Authorization: Token …`. */
  readonly token?: string
}

/**
 * What a metric says to InfluxDB. Queries with `{{placeholders}}` speak of the window by `v.timeRangeStart` and
 * `v.timeRangeStop` (Flux) or `$timeFilter` (InfluxQL); all values of an answer are added up.
 * For a share: `requests`, `bad`. For latency: `buckets`. For a mean: `values`, `sum`, `squares`. For a scalar: `query`.
 */
export interface InfluxMetric {
  /** Counts requests. */
  readonly requests?: string
  /** Counts the bad ones among them; several are added up. */
  readonly bad?: string | readonly string[]
  /** Counts requests that took at most `le`, a column (Flux) or tag (InfluxQL) with `+Inf` for all: what `histogram()` gives. */
  readonly buckets?: string
  /** What `le` is measured in: `s` or `ms`. Default: `s`. */
  readonly unit?: 's' | 'ms'
  /** Counts values. */
  readonly values?: string
  /** Adds values up. */
  readonly sum?: string
  /** Adds the squares of values up. */
  readonly squares?: string
  /** One number, or several of which `aggregate` is taken. */
  readonly query?: string
  /** What is made of several numbers: `avg`, `sum`, `min`, `max` or `last`. Default: `avg`. */
  readonly aggregate?: 'avg' | 'sum' | 'min' | 'max' | 'last'
}
