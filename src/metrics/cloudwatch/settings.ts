import type { ServerSettings } from '../http/server-settings.js'

/** How CloudWatch is reached. All values are resolved: no `${NAME}` is left in them. */
export interface CloudWatchSettings extends Pick<ServerSettings, 'tls' | 'timeoutMs' | 'patienceMs'> {
  /** `eu-central-1`; `AWS_REGION` of the step. */
  readonly region: string
  /** `AWS_ACCESS_KEY_ID`. */
  readonly accessKeyId: string
  /** `AWS_SECRET_ACCESS_KEY`. */
  readonly secretAccessKey: string
  /** `AWS_SESSION_TOKEN`, where the credentials are temporary. */
  readonly sessionToken?: string
  /** Where the API is, instead of `https://monitoring.<region>.amazonaws.com`: an interface endpoint, another partition. */
  readonly url?: string
  /** How long after a window its points are complete, in milliseconds. Default: 2 min. */
  readonly lagMs?: number
  /** How far apart points are, in milliseconds: 60 s, or 1, 5, 10, 30 s for high-resolution metrics. Default: 60 s. */
  readonly periodMs?: number
  /** More placeholders for each slot: `{ blue: { targetGroup: targetgroup/shop-blue/943f017f100becff }, green: … }`. */
  readonly slots?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/**
 * What a metric says to CloudWatch. For a share: `requests`, `bad`. For latency: `duration`. For a mean: `values`, `sum`,
 * `squares`. For a scalar: `query` and `statistic`. Each names a metric of the namespace, of which sums are taken.
 */
export interface CloudWatchMetric {
  /** Default: `AWS/ApplicationELB`. */
  readonly namespace?: string
  /** All dimensions of the metric, with `{{placeholders}}`: `{ LoadBalancer: app/shop/50dc6c495c0c9188, TargetGroup: '{{targetGroup}}' }`. */
  readonly dimensions: Readonly<Record<string, string>>
  /** Default in `AWS/ApplicationELB`: `RequestCount`. */
  readonly requests?: string
  /** Several are added up. Default in `AWS/ApplicationELB`: `HTTPCode_Target_5XX_Count`. */
  readonly bad?: string | readonly string[]
  /** Default in `AWS/ApplicationELB`: `TargetResponseTime`. */
  readonly duration?: string
  /** What `duration` is measured in: `s` or `ms`. Default: `s`. */
  readonly unit?: 's' | 'ms'
  /** Upper edges of the buckets, in milliseconds, rising. Default: 5 to 10,000. */
  readonly edges?: readonly number[]
  /** Counts values. */
  readonly values?: string
  /** Adds values up. */
  readonly sum?: string
  /** Adds the squares of values up. */
  readonly squares?: string
  /** A metric of which `statistic` is taken. */
  readonly query?: string
  /** `Average`, `Sum`, `Minimum`, `Maximum`, `p95`, `tm99` and whatever CloudWatch knows. Default: `Average`. */
  readonly statistic?: string
  /** What is made of several points in a window: `avg`, `sum`, `min`, `max` or `last`. Default: `avg`. */
  readonly aggregate?: 'avg' | 'sum' | 'min' | 'max' | 'last'
}
