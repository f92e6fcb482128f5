import { field, list } from '../counting/json-shape.js'
import type { Point } from '../counting/points.js'
import type { VendorServer } from '../counting/vendor-server.js'

/**
 * Points by query of what `/api/v2/query/timeseries` answers: times once for all series, and values (null where there is no
 * point) by series (https://docs.datadoghq.com/api/latest/metrics/query-timeseries-data-across-multiple-products/).
 * @throws UserError if Datadog tells an error, or its points are not at whole steps
 */
export function readTimeseries(
  answer: unknown,
  queries: number,
  stepMs: number,
  server: VendorServer,
): readonly (readonly Point[])[] {
  const errors = field(answer, 'errors')
  if (errors !== undefined && errors !== null && errors !== '') throw server.failure({ errors })
  const attributes = field(answer, 'data', 'attributes')
  if (attributes === undefined) throw server.failure('the answer has no data.attributes')
  const times = list(field(attributes, 'times')).map(Number)
  refuseBetween(times, stepMs, server)
  const points = Array.from({ length: queries }, (): Point[] => [])
  for (const [index, series] of list(field(attributes, 'series')).entries()) {
    const values = list(list(field(attributes, 'values'))[index])
    // A field that is left out is that of the first query.
    const own = points[Number(field(series, 'query_index') ?? 0)]
    for (const [at, value] of values.entries()) {
      const atMs = times[at]
      if (typeof value === 'number' && atMs !== undefined) own?.push({ atMs, value })
    }
  }
  return points
}

/**
 * `interval` is a wish: Datadog takes a longer one where there would be too many points, `.rollup()` says another, and some
 * metrics come once in minutes.
 */
function refuseBetween(times: readonly number[], stepMs: number, server: VendorServer): void {
  const stranger = times.find((time) => time % stepMs !== 0)
  if (stranger === undefined) return
  throw server.failure(
    `a point is at ${new Date(stranger).toISOString()}, which is no whole ${stepMs / 1_000} s: set step to how far apart the points of these metrics are, and leave out .rollup()`,
  )
}
