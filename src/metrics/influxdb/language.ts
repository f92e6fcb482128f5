import type { MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import type { MetricSettings } from '../counting/metric-settings.js'

/** One number of an answer, with the upper edge of its bucket where it has one. */
export interface Row {
  readonly value: number
  readonly le?: string
}

/** A query language of InfluxDB. */
export interface Language {
  /** The query with its placeholders filled in. @throws UserError if it does not speak of the window */
  fill(query: string, key: string, settings: MetricSettings, values: Selector): string
  /** All numbers that a filled query gives for a window. */
  rows(query: string, window: MetricWindow): Promise<readonly Row[]>
}
