import { Strange, VendorDouble, type Asked, type Reply, type Request } from './vendor-double.js'

const STEP_SECONDS = 10
const BINS_MS = [5, 100, 500, Infinity]

/**
 * Graphite's render API, written from https://graphite.readthedocs.io/en/latest/render_api.html (parameters, JSON; points
 * without a value are null, a target that matches nothing is left out), its functions alias() and sumSeries(), what whisper
 * gives for `from` and `until` (points after `from` and not after `until`, at whole steps), and
 * https://github.com/statsd/statsd/blob/master/docs/metric_types.md (counters and bins of timers).
 */
export class GraphiteDouble extends VendorDouble {
  static readonly bearer = 'graphite-token-0123456789'

  constructor(now: () => number) {
    super(now, 10_000)
  }

  protected answer({ method, path, headers, body }: Asked): Reply {
    if (method !== 'POST' || path !== '/render') throw new Strange(`${method} ${path}`)
    if (headers.authorization !== `Bearer ${GraphiteDouble.bearer}`) {
      return {
        status: 401,
        headers: { 'content-type': 'text/html' },
        body: '<html><title>401 Authorization Required</title></html>',
      }
    }
    const form = new URLSearchParams(body)
    if (form.get('format') !== 'json') throw new Strange(`format ${form.get('format')}`)
    const [from, until] = [Number(form.get('from')), Number(form.get('until'))]
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(until))
      return broken('ValueError: Unknown day reference')
    const series: object[] = []
    for (const target of form.getAll('target')) {
      const parts = /^alias\((?:sumSeries\(([^()]+)\)|([^(),]+)),'(\w+)'\)$/.exec(target)
      if (parts === null) return { status: 400, body: `Invalid target: ${target}` }
      const meant = meaning(parts[1] ?? parts[2] ?? '')
      if (meant !== undefined)
        series.push({ target: parts[3], tags: {}, datapoints: this.#points(meant, from, until) })
    }
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(series) }
  }

  /** One point for each step, null where nothing was counted. */
  #points({ slot, value }: Meaning, from: number, until: number): (readonly [number | null, number])[] {
    const points: (readonly [number | null, number])[] = []
    const first = from - (from % STEP_SECONDS) + STEP_SECONDS
    for (let at = first; at <= until; at += STEP_SECONDS) {
      const within = this.requests.filter(
        (request) =>
          request.slot === slot && Math.floor(request.atMs / 1_000 / STEP_SECONDS) * STEP_SECONDS === at,
      )
      points.push([within.length === 0 ? null : value(within), at])
    }
    return points
  }
}

interface Meaning {
  readonly slot: string
  readonly value: (requests: readonly Request[]) => number
}

/** What a path holds; undefined for one that matches nothing. */
function meaning(path: string): Meaning | undefined {
  const counter = /^stats_counts\.shop\.([\w-]+)\.(requests|errors)$/.exec(path)
  if (counter !== null) {
    const bad = counter[2] === 'errors'
    return { slot: counter[1] ?? '', value: (all) => all.filter((request) => !bad || request.bad).length }
  }
  const bin = /^stats\.timers\.shop\.([\w-]+)\.histogram\.bin_(\w+)$/.exec(path)
  if (bin !== null) {
    const edge = bin[2] === 'inf' ? Infinity : Number(bin[2]?.replace('_', '.'))
    const index = BINS_MS.indexOf(edge)
    const above = BINS_MS[index - 1] ?? 0
    if (index >= 0)
      return { slot: bin[1] ?? '', value: (all) => all.filter(({ ms }) => ms <= edge && ms > above).length }
  }
  const upper = /^stats\.timers\.shop\.([\w-]+)\.upper_95$/.exec(path)
  return upper === null
    ? undefined
    : { slot: upper[1] ?? '', value: (all) => Math.max(...all.map(({ ms }) => ms)) }
}

/** A page with a traceback, as Django makes it. */
export function broken(what: string): Reply {
  const body = `<!DOCTYPE html><html><head><title>${what} at /render</title></head><body>Traceback…</body></html>`
  return { status: 500, headers: { 'content-type': 'text/html' }, body }
}
