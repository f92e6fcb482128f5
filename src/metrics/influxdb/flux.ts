import type { MetricWindow } from '../../rollout/ports/metric-source.js'
import type { VendorServer } from '../counting/vendor-server.js'
import { annotatedCsv } from './annotated-csv.js'
import { fillFlux, fluxText } from './fill-flux.js'
import type { Language, Row } from './language.js'
import type { FluxSettings } from './settings.js'

/** Flux, by `/api/v2/query` (https://docs.influxdata.com/influxdb/v2/api/v2/#operation/PostQuery). The token goes as a header. */
export function flux(settings: FluxSettings, server: VendorServer, stepMs: number): Language {
  return {
    fill(query, key, metric, values) {
      if (!query.includes('v.timeRangeStart') || !query.includes('v.timeRangeStop')) {
        metric.refuse(key, query, 'a query with range(start: v.timeRangeStart, stop: v.timeRangeStop)')
      }
      return fillFlux(query, values)
    },
    async rows(query, window) {
      const body = {
        type: 'flux',
        query: withWindow(query, window, settings.bucket, stepMs),
        dialect: { header: true, delimiter: ',', annotations: ['datatype', 'group', 'default'] },
      }
      const headers = { accept: 'application/csv' }
      const question = {
        method: 'POST',
        path: '/api/v2/query',
        query: { org: settings.org },
        headers,
        body,
      } as const
      return rowsOf((await server.ask(question)).body, server)
    },
  }
}

/** Imports come first in a script; what they begin with may be comments. */
const IMPORTS = /^(?:\s|\/\/[^\n]*(?:\n|$)|package\s+\w+|import\s+(?:\w+\s+)?"[^"\n]*")*/

/** The variables of dashboards, with which queries that were made there work here as they are. */
function withWindow(
  query: string,
  { fromMs, toMs }: MetricWindow,
  bucket: string | undefined,
  stepMs: number,
): string {
  const imports = IMPORTS.exec(query)?.[0] ?? ''
  const [start, stop] = [fromMs, toMs].map((ms) => new Date(ms).toISOString())
  const known = [
    `timeRangeStart: ${start}`,
    `timeRangeStop: ${stop}`,
    `windowPeriod: ${stepMs}ms`,
    ...(bucket === undefined ? [] : [`defaultBucket: ${fluxText(bucket)}`]),
  ]
  return `${imports === '' ? '' : `${imports}\n`}option v = {${known.join(', ')}}\n${query.slice(imports.length)}`
}

/** @throws UserError for the table in which InfluxDB tells an error that came up after its first answer */
function rowsOf(csv: string, server: VendorServer): readonly Row[] {
  const rows: Row[] = []
  for (const record of annotatedCsv(csv)) {
    if (record['error'] !== undefined && record['_value'] === undefined) throw server.failure(record['error'])
    const given = record['_value']
    if (given === undefined) {
      throw server.failure(
        `an answer has the columns ${Object.keys(record).join(', ')}`,
        'Let the query keep _value: it is what is counted.',
      )
    }
    if (given === '') continue
    const value = Number(given)
    if (!Number.isFinite(value)) throw server.failure(`_value is ${given}`, 'Let the query give numbers.')
    rows.push({ value, ...(record['le'] !== undefined && { le: record['le'] }) })
  }
  return rows
}
