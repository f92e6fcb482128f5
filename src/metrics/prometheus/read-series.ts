import type { QueryApi, QueryResult } from './query-api.js'
import type { Series } from './series.js'

const NATIVE =
  'Native histograms are not supported: let Prometheus scrape the classic ones too (always_scrape_classic_histograms) and name the series that ends in _bucket.'

/** Where a result came from, for messages. */
export interface Asked {
  readonly what: string
  readonly query: string
}

/** The series of a range selector's result, without values that are no numbers (NaN). @throws UserError if it is something else */
export function seriesIn(api: QueryApi, asked: Asked, { type, result }: QueryResult): readonly Series[] {
  const { what, query } = asked
  if (type !== 'matrix' || !Array.isArray(result)) {
    throw api.wrong(
      what,
      query,
      `gave a ${type} instead of series`,
      'Write a selector such as name{label="value"}.',
    )
  }
  return result.map((one: unknown) => {
    const { metric, values, histograms } = fieldsOf(one)
    if (histograms !== undefined) throw api.wrong(what, query, 'gave native histograms', NATIVE)
    const samples = (Array.isArray(values) ? values : [])
      .map(sampleOf)
      .filter((sample) => sample !== undefined)
    return {
      labels: labelsOf(metric),
      timesMs: samples.map(([timeMs]) => timeMs),
      values: samples.map(([, value]) => value),
    }
  })
}

/** One value for each series of an instant vector, or of a scalar. @throws UserError if it is something else */
export function valuesIn(
  api: QueryApi,
  asked: Asked,
  { type, result }: QueryResult,
): readonly { readonly labels: Series['labels']; readonly value: number }[] {
  const { what, query } = asked
  if (type === 'scalar') return [{ labels: {}, value: Number(Array.isArray(result) ? result[1] : NaN) }]
  if (type !== 'vector' || !Array.isArray(result)) {
    throw api.wrong(
      what,
      query,
      `gave a ${type} instead of numbers`,
      'Take the range away, or put a function around it.',
    )
  }
  return result.map((one: unknown) => {
    const { metric, value, histogram } = fieldsOf(one)
    if (histogram !== undefined) throw api.wrong(what, query, 'gave native histograms', NATIVE)
    return { labels: labelsOf(metric), value: numberOf(Array.isArray(value) ? value[1] : undefined) }
  })
}

function fieldsOf(one: unknown): Record<string, unknown> {
  return typeof one === 'object' && one !== null ? { ...one } : {}
}

function labelsOf(metric: unknown): Record<string, string> {
  const entries = Object.entries(fieldsOf(metric))
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/** `[seconds, "value"]`: https://prometheus.io/docs/prometheus/latest/querying/api/#range-vectors */
function sampleOf(pair: unknown): readonly [timeMs: number, value: number] | undefined {
  if (!Array.isArray(pair)) return undefined
  const value = numberOf(pair[1])
  return Number.isFinite(value) ? [Math.round(Number(pair[0]) * 1_000), value] : undefined
}

/** Numbers are written as strings, so that `NaN`, `+Inf` and `-Inf` can be. */
function numberOf(text: unknown): number {
  if (text === '+Inf') return Infinity
  if (text === '-Inf') return -Infinity
  return typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN
}
