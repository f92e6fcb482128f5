import type { ScalarSample } from '../../rollout/ports/metric-source.js'
import type { QueryApi } from './query-api.js'
import { valuesIn, type Asked } from './read-series.js'
import type { Unknown } from './share-counts.js'

/** The one number that a query gives at a moment. @throws UserError if it gives several, or something else than numbers */
export async function scalarAt(api: QueryApi, asked: Asked, atMs: number): Promise<ScalarSample | Unknown> {
  const { what, query } = asked
  const values = valuesIn(api, asked, await api.instant(what, query, atMs))
  const [first] = values
  if (first === undefined) return { kind: 'unknown', why: `${query} gave nothing` }
  if (values.length > 1) {
    const hint = 'One number is wanted: put sum(), max() or another aggregation around it.'
    throw api.wrong(what, query, `gave ${values.length} series instead of one number`, hint)
  }
  if (!Number.isFinite(first.value)) return { kind: 'unknown', why: `${query} gave ${first.value}` }
  return { kind: 'scalar', value: first.value }
}
