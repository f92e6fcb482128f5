import type { ServerSettings } from '../http/server-settings.js'

/** How any server that answers with JSON over HTTP is reached. */
export interface WebSettings extends ServerSettings {
  /** How long after a window its counts are complete, in milliseconds. Default: 10 s. */
  readonly lagMs?: number
  /** Windows are cut to whole multiples of this, in milliseconds. Default: 10 s. */
  readonly stepMs?: number
}

/**
 * What a metric says to it. `path` is asked for once for each slot and window; the other keys are JSON paths (RFC 9535) in its
 * answer. For a share: `requests`, `bad`. For latency: `buckets`, `edges`, `unit`. For a mean: `values`, `sum`, `squares`. For a
 * scalar: `value`.
 */
export interface WebMetric {
  /**
   * Path and query below `url`: `/stats?slot={{slot}}&from={{from}}&to={{to}}`. Placeholders are escaped for an address. The window is
   * `{{from}}` and `{{to}}` as RFC 3339 (`2026-01-06T11:00:00.000Z`), `{{from-s}}` and `{{to-s}}` in seconds, `{{from-ms}}` and
   * `{{to-ms}}` in milliseconds since 1970; its end does not belong to it.
   */
  readonly path: string
  /** Where the number of requests is: `$.requests`; of several numbers the sum, as of all others but `value`. */
  readonly requests?: string
  /** Where the number of bad ones among them is. */
  readonly bad?: string
  /** Where the requests by bucket are, one number more than there are edges: `$.latency.counts[*]`. Not cumulative. */
  readonly buckets?: string
  /** The upper edges of the buckets: where they are (`$.latency.edges[*]`), or a list in milliseconds. */
  readonly edges?: string | readonly number[]
  /** What edges in the answer are in. Default: `s`. */
  readonly unit?: 's' | 'ms'
  /** Where the number of values is. */
  readonly values?: string
  /** Where their sum is. */
  readonly sum?: string
  /** Where the sum of their squares is. */
  readonly squares?: string
  /** Where the one number is. */
  readonly value?: string
}
