import type { ServerSettings } from '../http/server-settings.js'

/** How Datadog is reached. All values are resolved: no `${NAME}` is left in them. */
export interface DatadogSettings extends Pick<
  ServerSettings,
  'headers' | 'tls' | 'timeoutMs' | 'patienceMs'
> {
  /** The site of the account: `datadoghq.com`, `us3.datadoghq.com`, `us5.datadoghq.com`, `datadoghq.eu`, `ap1.datadoghq.com`, `ddog-gov.com`. Default: `datadoghq.com`. */
  readonly site?: string
  /** Where the API is, instead of the site's: a proxy. */
  readonly url?: string
  /** Sent as `DD-API-KEY`. */
  readonly apiKey: string
  /** Sent as `DD-APPLICATION-KEY`. Needs the scope `timeseries_query`. */
  readonly applicationKey: string
  /** How long after a window its points are complete, in milliseconds. Default: 60 s. */
  readonly lagMs?: number
  /** How far apart points are, in milliseconds: what Agents send every 10 s. Default: 10 s. */
  readonly stepMs?: number
}

/**
 * What a metric says to Datadog. Queries are metric queries with `{{placeholders}}`; whatever several series say is added up.
 * For a share: `requests`, `bad`. For latency: `duration`. For a mean: `values`, `sum`, `squares`. For a scalar: `query`.
 */
export interface DatadogMetric {
  /** Counts requests: `sum:http.requests{service:shop,slot:{{slot}}}.as_count()`. */
  readonly requests?: string
  /** Counts the bad ones among them; several are added up. */
  readonly bad?: string | readonly string[]
  /** A distribution metric with percentiles enabled, and its scope: `trace.http.request{service:shop,slot:{{slot}}}`. */
  readonly duration?: string
  /** What `duration` is measured in: `s` or `ms`. Default: `s`, as in traces. */
  readonly unit?: 's' | 'ms'
  /** Upper edges of the buckets, in milliseconds, rising. Default: 5 to 10,000. */
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
