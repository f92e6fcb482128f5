import type { ServerSettings } from '../http/server-settings.js'

/** How a Prometheus, or what speaks its query API (Thanos, Mimir, managed services), is reached and read. `url` is what `/api/v1/query` is appended to. */
export interface PrometheusSettings extends ServerSettings {
  /** How often targets are scraped, in milliseconds. Found out from the samples if not given. */
  readonly scrapeIntervalMs?: number
  /** How long after a scrape began its samples can be read, in milliseconds, beyond one scrape interval. Default: 1 s. */
  readonly slackMs?: number
  /** The label that names a pod. Default: `pod`, and `instance` for series that have no `pod`. */
  readonly podLabel?: string
  /** More placeholders for queries, by name: `namespace`. */
  readonly values?: Readonly<Record<string, string>>
}

export const DEFAULT_SLACK_MS = 1_000

/** Taken for the scrape interval until samples tell it: longer than most, so that no block is too short. */
export const ASSUMED_INTERVAL_MS = 30_000
