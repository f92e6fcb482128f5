import type { ServerSettings } from '../http/server-settings.js'

/** How New Relic is reached. All values are resolved: no `${NAME}` is left in them. */
export interface NewRelicSettings extends Pick<
  ServerSettings,
  'headers' | 'tls' | 'timeoutMs' | 'patienceMs'
> {
  /** The number of the account. */
  readonly accountId: number
  /** A user key (`NRAK-…`), sent as `API-Key`. */
  readonly apiKey: string
  /** Where the account is. Default: `us`. */
  readonly region?: 'us' | 'eu'
  /** Where the API is, instead of the region's: a proxy. */
  readonly url?: string
  /** How long after a window its events are there, in milliseconds. Default: 2 min. */
  readonly lagMs?: number
  /** Windows begin and end at whole multiples of this, in milliseconds. 60 s for metrics, which are kept by the minute. Default: 10 s. */
  readonly stepMs?: number
}

/**
 * What a metric says to New Relic, in pieces of NRQL with `{{placeholders}}`; SELECT, SINCE and UNTIL are ours.
 * For a share: `bad`. For latency: `duration`. For a mean: `value`. For a scalar: `query`.
 */
export interface NewRelicMetric {
  /** The type of data. Default: `Transaction`. */
  readonly from?: string
  /** A condition that selects a slot: `appName = 'shop' AND slot = '{{slot}}'`. */
  readonly where: string
  /** What counts requests. Default: `count(*)`; `sum(http.server.requests.count)` for a metric that is itself a count. */
  readonly requests?: string
  /** The condition that makes a request bad: `httpResponseCode >= '500'`. */
  readonly bad?: string
  /** The attribute that holds how long a request took. Default: `duration`. */
  readonly duration?: string
  /** What `duration` is measured in: `s` or `ms`. Default: `s`. */
  readonly unit?: 's' | 'ms'
  /** Upper edges of the buckets, in milliseconds, rising. Default: 5 to 10,000. */
  readonly edges?: readonly number[]
  /** The attribute of which the mean is judged: `basketValue`. */
  readonly value?: string
  /** One number: `percentile(duration, 95)`. */
  readonly query?: string
}
