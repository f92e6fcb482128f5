import type { ServerSettings } from '../http/server-settings.js'

/** How Graphite, or what speaks its API, is reached. All values are resolved: no `${NAME}` is left in them. */
export interface GraphiteSettings extends ServerSettings {
  /** How long after a window its points are complete, in milliseconds. Default: 20 s. */
  readonly lagMs?: number
  /** How far apart stored points are, in milliseconds: the finest retention in `storage-schemas.conf`. Default: 60 s. */
  readonly stepMs?: number
}

/**
 * What a metric says to Graphite. Targets with `{{placeholders}}`; whatever several series say is added up.
 * For a share: `requests`, `bad`. For latency: `buckets`, `edges`. For a mean: `values`, `sum`, `squares`. For a scalar: `query`.
 */
export interface GraphiteMetric {
  /** Counts requests in each point: `stats_counts.shop.{{slot}}.requests`. */
  readonly requests?: string
  /** Counts the bad ones among them; several are added up. */
  readonly bad?: string | readonly string[]
  /** Counts requests in one bucket: `stats.timers.shop.{{slot}}.histogram.bin_{{edge}}`, where `{{edge}}` is an edge, or `inf`. */
  readonly buckets?: string
  /** The edges of the buckets (`bins` of statsd without `inf`), in milliseconds, rising. */
  readonly edges?: readonly number[]
  /** Counts values. */
  readonly values?: string
  /** Adds values up. */
  readonly sum?: string
  /** Adds the squares of values up. */
  readonly squares?: string
  /** One number for each point. */
  readonly query?: string
  /** What is made of several points in a window: `avg`, `sum`, `min`, `max` or `last`. Default: `avg`. */
  readonly aggregate?: 'avg' | 'sum' | 'min' | 'max' | 'last'
}
