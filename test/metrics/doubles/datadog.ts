import { jsonReply, Strange, VendorDouble, type Asked, type Reply, type Request } from './vendor-double.js'

const STEP_MS = 10_000

/** Datadog gives no more points than this, and takes a longer interval where there would be more. */
const MOST_POINTS = 1_500

interface Attributes {
  readonly from: number
  readonly to: number
  readonly interval: number
  readonly queries: readonly { readonly data_source: string; readonly name: string; readonly query: string }[]
}

/**
 * Datadog's timeseries API, written from
 * https://docs.datadoghq.com/api/latest/metrics/query-timeseries-data-across-multiple-products/ (request, answer, errors),
 * https://docs.datadoghq.com/extend/dogstatsd/data_aggregation/ (points of 10 s with the time at which they begin),
 * https://docs.datadoghq.com/getting_started/tagging/ (what becomes of the values of tags).
 */
export class DatadogDouble extends VendorDouble {
  static readonly keys = { api: 'dd-api-key-0123456789', application: 'dd-app-key-0123456789' }

  constructor(now: () => number) {
    super(now, 45_000)
  }

  protected answer({ method, path, headers, body }: Asked): Reply {
    if (method !== 'POST' || path !== '/api/v2/query/timeseries') throw new Strange(`${method} ${path}`)
    if (headers['dd-api-key'] !== DatadogDouble.keys.api) return jsonReply({ errors: ['Unauthorized'] }, 401)
    if (headers['dd-application-key'] !== DatadogDouble.keys.application) {
      return jsonReply({ errors: ['Forbidden', 'Failed permission authorization checks'] }, 403)
    }
    if (headers['content-type'] !== 'application/json') throw new Strange('the body is not said to be JSON')
    const { data } = JSON.parse(body) as { data: { type: string; attributes: Attributes } }
    if (data.type !== 'timeseries_request') throw new Strange(`data.type ${data.type}`)
    return this.#timeseries(data.attributes)
  }

  #timeseries({ from, to, interval: wished, queries }: Attributes): Reply {
    const interval = (to - from) / wished > MOST_POINTS ? 60_000 : wished
    if (interval % STEP_MS !== 0) throw new Strange(`an interval of ${interval} ms`)
    if (queries.length === 0) return jsonReply({ errors: ['queries must not be empty'] }, 400)
    const series: { query_index: number; group_tags: string[]; unit: null }[] = []
    const points: Map<number, number>[] = []
    for (const [index, { data_source, query }] of queries.entries()) {
      if (data_source !== 'metrics') throw new Strange(`data source ${data_source}`)
      const meant = meaning(query)
      if (meant === undefined) return jsonReply({ errors: [`Error parsing query: ${query}`] }, 400)
      const counted = this.#points(meant, { from, to, interval })
      if (counted.size === 0) continue
      series.push({ query_index: index, group_tags: [], unit: null })
      points.push(counted)
    }
    const times = [...new Set(points.flatMap((one) => [...one.keys()]))].sort((one, other) => one - other)
    const values = points.map((one) => times.map((time) => one.get(time) ?? null))
    return jsonReply({
      data: { id: '0', type: 'timeseries_response', attributes: { series, times, values } },
    })
  }

  /** The start is included and the end is not; a point is where its time begins. */
  #points(
    meant: Meaning,
    { from, to, interval }: { from: number; to: number; interval: number },
  ): Map<number, number> {
    const points = new Map<number, number>()
    const slots = new Map<number, Request[]>()
    for (const request of this.requests) {
      if (!meant.of(request) || meant.slot !== stored(request.slot)) continue
      const at = Math.floor(request.atMs / interval) * interval
      if (at >= from && at < to) slots.set(at, [...(slots.get(at) ?? []), request])
    }
    // Sums are kept as floating point.
    for (const [at, requests] of slots) points.set(at, meant.value(requests))
    return points
  }
}

interface Meaning {
  readonly slot: string
  readonly of: (request: Request) => boolean
  readonly value: (requests: readonly Request[]) => number
}

/** Small letters; letters, digits, `_`, `-`, `:`, `.` and `/` stay, everything else becomes an underscore. */
function stored(tag: string): string {
  return [...tag.toLowerCase()].map((sign) => (/[\p{L}\p{N}_:./-]/u.test(sign) ? sign : '_')).join('')
}

const COUNT = /^sum:http\.(requests|errors)\{service:shop,slot:([^{},\s"]+)\}\.as_count\(\)$/
const DISTRIBUTION =
  /^count(?:\(v: v<=([\d.]+)\))?:http\.request\.duration\{service:shop,slot:([^{},\s"]+)\}\.as_count\(\)$/
const PERCENTILE = /^p95:http\.request\.duration\{slot:([^{},\s"]+)\}$/

/** What a query asks for; undefined if it is none. */
function meaning(query: string): Meaning | undefined {
  const count = COUNT.exec(query)
  if (count !== null) {
    const bad = count[1] === 'errors'
    return { slot: count[2] ?? '', of: (request) => !bad || request.bad, value: (all) => all.length + 1e-9 }
  }
  const distribution = DISTRIBUTION.exec(query)
  if (distribution !== null) {
    const limitMs = distribution[1] === undefined ? Infinity : Number(distribution[1]) * 1_000
    return {
      slot: distribution[2] ?? '',
      of: () => true,
      value: (all) => all.filter(({ ms }) => ms <= limitMs).length,
    }
  }
  const percentile = PERCENTILE.exec(query)
  if (percentile === null) return undefined
  return {
    slot: percentile[1] ?? '',
    of: () => true,
    value: (all) => {
      const rising = all.map(({ ms }) => ms / 1_000).sort((one, other) => one - other)
      return rising[Math.ceil(rising.length * 0.95) - 1] ?? 0
    },
  }
}
