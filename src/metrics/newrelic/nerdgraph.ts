import type { MetricWindow } from '../../rollout/ports/metric-source.js'
import { TransientError } from '../../rollout/ports/transient-error.js'
import type { Total } from '../counting/counted.js'
import { field, list, text } from '../counting/json-shape.js'
import type { VendorServer } from '../counting/vendor-server.js'

export const KEY_HINT =
  'Look at api-key, account-id and region: it wants a user key (NRAK-…) of somebody who may see the account, no license or ingest key.'

/**
 * Several NRQL queries as one question to NerdGraph; they go as variables, so that GraphQL reads nothing in them
 * (https://docs.newrelic.com/docs/apis/nerdgraph/examples/nerdgraph-nrql-tutorial/).
 */
export function graphqlOf(nrql: readonly string[], accountId: number, timeoutSeconds: number): object {
  const declared = nrql.map((_, index) => `, $q${index}: Nrql!`).join('')
  const asked = nrql.map(
    (_, index) =>
      `q${index}: nrql(query: $q${index}, timeout: $timeout) { results metadata { messages timeWindow { begin end } } }`,
  )
  return {
    query: `query ($account: Int!, $timeout: Seconds${declared}) { actor { account(id: $account) { ${asked.join(' ')} } } }`,
    variables: {
      account: accountId,
      timeout: timeoutSeconds,
      ...Object.fromEntries(nrql.map((query, index) => [`q${index}`, query])),
    },
  }
}

export interface Results {
  /** Results by name, of each query. */
  readonly rows: readonly Readonly<Record<string, Total>>[]
  /** What New Relic says besides. */
  readonly messages: readonly string[]
}

/**
 * The results of each query. Errors come with status 200.
 * @throws TransientError for time-outs and failures of the server, UserError for the rest
 */
export function readResults(
  answer: unknown,
  windows: readonly MetricWindow[],
  server: VendorServer,
): Results {
  const errors = list(field(answer, 'errors'))
  if (errors.length > 0) throw failureOf(errors, server)
  const account = field(answer, 'data', 'actor', 'account')
  const containers = windows.map((_, index) => field(account, `q${index}`))
  const rows = windows.map((window, index) => {
    const container = containers[index]
    const results = field(container, 'results')
    if (!Array.isArray(results)) throw server.failure(`there are no results of query ${index + 1}`, KEY_HINT)
    if (results.length > 1) {
      throw server.failure(
        `the query gives ${results.length} rows`,
        'Leave FACET and TIMESERIES out: one row is wanted.',
      )
    }
    refuseOtherWindow(container, window, server)
    return rowOf(results[0])
  })
  const messages = containers.flatMap((container) =>
    list(field(container, 'metadata', 'messages')).filter((message) => typeof message === 'string'),
  )
  return { rows, messages }
}

/** `errorClass` of `extensions`: what passes is asked again at the next look. */
function failureOf(errors: readonly unknown[], server: VendorServer): Error {
  const kinds = errors.map((error) => text(field(error, 'extensions', 'errorClass')) ?? '')
  const passing = kinds.every((kind) =>
    /TIMEOUT|SERVER_ERROR|TOO_MANY_REQUESTS|RATE_LIMIT|DOWNSTREAM/i.test(kind),
  )
  if (passing) return new TransientError(server.told({ errors }))
  if (kinds.some((kind) => /ACCESS_DENIED|UNAUTHORIZED|FORBIDDEN|BAD_API_KEY/i.test(kind))) {
    return server.failure({ errors }, KEY_HINT)
  }
  return server.failure({ errors }, 'Correct the NRQL of the metric as New Relic says.')
}

/** Metrics are kept by the minute, and New Relic moves a window to where they begin (https://docs.newrelic.com/docs/nrql/using-nrql/query-time-range/#range-snapping). */
function refuseOtherWindow(container: unknown, { fromMs, toMs }: MetricWindow, server: VendorServer): void {
  const begin = field(container, 'metadata', 'timeWindow', 'begin')
  const end = field(container, 'metadata', 'timeWindow', 'end')
  if (begin === fromMs && end === toMs) return
  const asked = `instead of ${span(fromMs, toMs)}, as it was asked`
  throw server.failure(
    typeof begin === 'number' && typeof end === 'number'
      ? `it counted ${span(begin, end)} ${asked}: set step: 60s, since data of this type are kept by the minute`
      : `it does not say that it counted ${span(fromMs, toMs)} (metadata.timeWindow), so that nothing can be concluded: count another type of data`,
  )
}

function span(fromMs: number, toMs: number): string {
  return `from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`
}

/** A percentile comes as a map with the percentile as its key. */
function rowOf(row: unknown): Readonly<Record<string, Total>> {
  if (typeof row !== 'object' || row === null) return {}
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, numberIn(value)]))
}

function numberIn(value: unknown): Total {
  if (typeof value === 'number') return value
  if (typeof value !== 'object' || value === null) return undefined
  const [only, ...more] = Object.values(value)
  return more.length === 0 && typeof only === 'number' ? only : undefined
}
