import type { VendorServer } from '../counting/vendor-server.js'
import type { Row } from './language.js'

/**
 * Counts by `le` as cumulative counts by edge in milliseconds: what `histogram()` of Flux gives, and how Telegraf stores
 * histograms of Prometheus. Several rows of one edge are added up.
 * @throws UserError for rows without `le`, and where there is no `+Inf`: it says how many there were in all
 */
export function atMostEachEdge(
  rows: readonly Row[],
  unitMs: number,
  server: Pick<VendorServer, 'failure'>,
): { readonly edgesMs: readonly number[]; readonly atMost: readonly number[]; readonly all: number } {
  const byEdge = new Map<number, number>()
  for (const { le, value } of rows) {
    const edge = edgeOf(le, server)
    byEdge.set(edge, (byEdge.get(edge) ?? 0) + value)
  }
  const all = byEdge.get(Infinity)
  if (all === undefined && byEdge.size > 0) {
    const hint = 'Put float(v: "+Inf") last in bins of histogram().'
    throw server.failure('buckets has no +Inf, which counts all requests', hint)
  }
  const edges = [...byEdge]
    .filter(([edge]) => edge > 0 && edge < Infinity)
    .sort(([one], [other]) => one - other)
  return {
    edgesMs: edges.map(([edge]) => edge * unitMs),
    atMost: edges.map(([, count]) => count),
    all: all ?? 0,
  }
}

function edgeOf(le: string | undefined, server: Pick<VendorServer, 'failure'>): number {
  if (le !== undefined && /^\+?inf(inity)?$/i.test(le)) return Infinity
  const edge = le === undefined || le.trim() === '' ? Number.NaN : Number(le)
  if (!Number.isNaN(edge)) return edge
  throw server.failure(
    `buckets gives a count ${le === undefined ? 'without le' : `with le ${le}`}`,
    'Keep le: a column of that name in Flux, GROUP BY "le" in InfluxQL.',
  )
}
