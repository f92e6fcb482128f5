import type { MetricWindow } from '../../rollout/ports/metric-source.js'
import { field, list, text } from '../counting/json-shape.js'
import type { VendorServer } from '../counting/vendor-server.js'
import { fillInfluxql } from './fill-influxql.js'
import type { Language, Row } from './language.js'
import type { InfluxqlSettings } from './settings.js'

/** `$timeFilter` in a value is a text: until the window is put in, its dollar is a sign that no value can have. */
const DOLLAR = '\u0000'

/** InfluxQL, by `/query` (https://docs.influxdata.com/influxdb/v1/tools/api/#query-http-endpoint). Only SELECT may be asked. */
export function influxql(settings: InfluxqlSettings, server: VendorServer): Language {
  return {
    fill(query, key, metric, values) {
      if (!query.includes('$timeFilter')) metric.refuse(key, query, 'a query with WHERE $timeFilter')
      // InfluxDB takes what changes something by POST: a query that only reads is no more than that.
      if (!/^\s*select\s/i.test(query)) metric.refuse(key, query, 'a query that begins with SELECT')
      return fillInfluxql(query, values, (value) => value.replaceAll('$', DOLLAR))
    },
    async rows(query, window) {
      const { database, retentionPolicy } = settings
      const body = new URLSearchParams({
        db: database,
        ...(retentionPolicy !== undefined && { rp: retentionPolicy }),
        epoch: 'ms',
        q: query.replaceAll('$timeFilter', timeFilter(window)).replaceAll(DOLLAR, '$'),
      })
      return rowsOf(await server.json({ method: 'POST', path: '/query', body }), server)
    },
  }
}

function timeFilter({ fromMs, toMs }: MetricWindow): string {
  return `time >= ${fromMs}ms AND time < ${toMs}ms`
}

/** Every column but `time` holds numbers; `le` is a tag. Errors come with status 200 too. */
function rowsOf(answer: unknown, server: VendorServer): readonly Row[] {
  const results = list(field(answer, 'results'))
  const errors = [field(answer, 'error'), ...results.map((result) => field(result, 'error'))].filter(
    (error) => error !== undefined,
  )
  if (errors.length > 0) throw server.failure({ errors }, 'Correct the query of the metric as InfluxDB says.')
  if (results.some((result) => field(result, 'partial') === true)) {
    throw server.failure('the answer is not complete (partial)', 'Ask for fewer rows: let the query add up.')
  }
  return results.flatMap((result) => list(field(result, 'series')).flatMap((series) => rowsOfSeries(series)))
}

function rowsOfSeries(series: unknown): Row[] {
  const columns = list(field(series, 'columns'))
  const le = text(field(series, 'tags', 'le'))
  return list(field(series, 'values')).flatMap((line) =>
    list(line).flatMap((value, index) =>
      columns[index] !== 'time' && typeof value === 'number'
        ? [{ value, ...(le !== undefined && { le }) }]
        : [],
    ),
  )
}
