import type { MetricQuery, MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { latencyOf, meanOf, scalarOf, shareOf, type Counted, type Total } from '../counting/counted.js'
import { MetricSettings } from '../counting/metric-settings.js'
import { fillNrql } from './fill-nrql.js'

/** One query for one side, and what its row of results comes to. */
export interface NrqlQuestion {
  nrql(window: MetricWindow): string
  /** @param row results by name */
  readonly counted: (row: Readonly<Record<string, Total>>) => Counted
}

const WHERE = "appName = 'shop' AND slot = '{{slot}}'"

/** What is asked for a metric of one side. @throws UserError for what it says wrongly */
export function askNrql(metric: MetricQuery, values: Selector): NrqlQuestion {
  const settings = new MetricSettings('newrelic', metric)
  const fill = (text: string): string => fillNrql(text, values)
  const from = fill(settings.optionalText('from', 'Transaction') ?? 'Transaction')
  const where = fill(settings.text('where', WHERE))
  const { select, counted } = selection(metric, settings, fill)
  const columns = Object.entries(select).map(([name, what]) => `${what} AS '${name}'`)
  // UNTIL is excluded, SINCE included; LIMIT, FACET and TIMESERIES would give more than one row.
  const nrql = ({ fromMs, toMs }: MetricWindow): string =>
    `SELECT ${columns.join(', ')} FROM ${from} WHERE (${where}) SINCE ${fromMs} UNTIL ${toMs}`
  return { nrql, counted }
}

interface Selection {
  /** NRQL by the name of its result. */
  readonly select: Readonly<Record<string, string>>
  readonly counted: NrqlQuestion['counted']
}

function selection(metric: MetricQuery, settings: MetricSettings, fill: (text: string) => string): Selection {
  switch (metric.kind) {
    case 'share':
      return share(settings, fill)
    case 'latency':
      return latency(settings, fill)
    case 'mean': {
      const value = fill(settings.text('value', 'basketValue'))
      const select = { values: `count(${value})`, sum: `sum(${value})`, squares: `sum(pow(${value}, 2))` }
      return { select, counted: ({ values, sum, squares }) => meanOf(values, sum, squares) }
    }
    case 'scalar': {
      const select = { number: fill(settings.text('query', 'percentile(duration, 95)')) }
      return { select, counted: ({ number }) => scalarOf(number) }
    }
  }
}

function share(settings: MetricSettings, fill: (text: string) => string): Selection {
  const all = fill(settings.optionalText('requests', 'count(*)') ?? 'count(*)')
  const bad = settings.texts('bad', "httpResponseCode >= '500'").map((condition) => `(${fill(condition)})`)
  const select = { requests: all, bad: `filter(${all}, WHERE ${bad.join(' OR ')})` }
  return { select, counted: ({ requests, bad: wrong }) => shareOf(requests, [wrong]) }
}

/** One count for each edge: `histogram()` has buckets of one width only. */
function latency(settings: MetricSettings, fill: (text: string) => string): Selection {
  const duration = fill(settings.optionalText('duration', 'duration') ?? 'duration')
  const perMs = settings.choice('unit', ['s', 'ms'], 's') === 's' ? 1_000 : 1
  const edgesMs = settings.edgesMs()
  const below = edgesMs.map((edge, index) => [
    `upto${index}`,
    `filter(count(*), WHERE ${duration} <= ${edge / perMs})`,
  ])
  const select: Record<string, string> = { requests: `count(${duration})`, ...Object.fromEntries(below) }
  return {
    select,
    counted: (row) =>
      latencyOf(
        edgesMs,
        edgesMs.map((_, index) => row[`upto${index}`]),
        row['requests'],
      ),
  }
}
