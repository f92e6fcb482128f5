import { FluxError, parseFlux, type FluxRow } from './flux.js'
import { jsonReply, Strange, VendorDouble, type Asked, type Reply, type Request } from './vendor-double.js'

/**
 * InfluxDB 2 and 1, written from https://docs.influxdata.com/influxdb/v2/api/v2/#operation/PostQuery (request, errors),
 * https://docs.influxdata.com/influxdb/v2/reference/syntax/annotated-csv/ (answers, errors in a table), and
 * https://docs.influxdata.com/influxdb/v1/tools/api/#query-http-endpoint (form, answers, errors with status 200).
 */
export class InfluxdbDouble extends VendorDouble {
  static readonly token = 'influx-token-0123456789=='
  static readonly user = { username: 'reader', password: 'influx-password-0123' }

  constructor(now: () => number) {
    super(now, 15_000)
  }

  protected answer(asked: Asked): Reply {
    const url = new URL(asked.path, 'http://influx')
    if (asked.method === 'POST' && url.pathname === '/api/v2/query') return this.#flux(asked, url)
    if (asked.method === 'POST' && url.pathname === '/query') return this.#influxql(asked, url)
    throw new Strange(`${asked.method} ${asked.path}`)
  }

  #flux({ headers, body }: Asked, url: URL): Reply {
    if (headers.authorization !== `Token ${InfluxdbDouble.token}`) {
      return jsonReply({ code: 'unauthorized', message: 'unauthorized access' }, 401)
    }
    if (headers['content-type'] !== 'application/json' || headers.accept !== 'application/csv')
      throw new Strange('types')
    const org = url.searchParams.get('org')
    if ([...url.searchParams.keys()].join() !== 'org') throw new Strange(url.search)
    if (org !== 'acme')
      return jsonReply({ code: 'not found', message: `organization name "${org}" not found` }, 404)
    const { query, type } = JSON.parse(body) as { query: string; type: string }
    if (type !== 'flux') throw new Strange(`type ${type}`)
    try {
      const script = parseFlux(query)
      if (script.bucket !== 'web') {
        const message = `failed to initialize execute state: could not find bucket "${script.bucket}"`
        return jsonReply({ code: 'not found', message }, 404)
      }
      const within = this.requests.filter(({ atMs }) => atMs >= script.startMs && atMs < script.stopMs)
      return csvReply(script.run(within))
    } catch (thrown) {
      if (!(thrown instanceof FluxError)) throw thrown
      return jsonReply({ code: 'invalid', message: thrown.message }, 400)
    }
  }

  #influxql({ headers, body }: Asked, url: URL): Reply {
    const { username, password } = InfluxdbDouble.user
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    if (headers.authorization !== expected) return jsonReply({ error: 'authorization failed' }, 401)
    if (url.search !== '') throw new Strange(url.search)
    const form = new URLSearchParams(body)
    if (form.get('epoch') !== 'ms') throw new Strange('epoch')
    if (form.get('db') !== 'web') return result({ error: `database not found: ${form.get('db')}` })
    return this.#select(form.get('q') ?? '')
  }

  #select(query: string): Reply {
    const parts =
      /^SELECT sum\("(requests|errors|upto)"\) FROM "http" WHERE "slot" = '((?:\\.|[^'\\])*)' AND time >= (\d+)ms AND time < (\d+)ms( GROUP BY "le")?$/.exec(
        query,
      )
    if (parts === null)
      return jsonReply({ error: `error parsing query: found ${query}, expected SELECT` }, 400)
    const [, field = '', text = '', from, to, grouped] = parts
    const slot = text.replace(/\\(.)/g, '$1')
    const wanted = this.requests.filter(
      (request) => request.slot === slot && request.atMs >= Number(from) && request.atMs < Number(to),
    )
    if (grouped === undefined)
      return result(sumOf(field === 'errors' ? wanted.filter(({ bad }) => bad) : wanted))
    const series = ['0.005', '0.1', '0.5', '+Inf'].map((le) => {
      const below = wanted.filter(({ ms }) => ms / 1_000 <= Number(le.replace('+Inf', 'Infinity'))).length
      return { name: 'http', tags: { le }, columns: ['time', 'sum'], values: [[Number(from), below]] }
    })
    return result(wanted.length === 0 ? {} : { series })
  }
}

/** A statement that selects nothing has no series. */
function sumOf(requests: readonly Request[]): object {
  if (requests.length === 0) return {}
  return { series: [{ name: 'http', columns: ['time', 'sum'], values: [[0, requests.length]] }] }
}

function result(statement: object): Reply {
  return jsonReply({ results: [{ statement_id: 0, ...statement }] })
}

/** Annotations, names and rows for each table, an empty line after it; lines end with CR LF. */
export function csvReply(tables: readonly (readonly FluxRow[])[]): Reply {
  const written = tables.map((rows, table) => {
    const names = Object.keys(rows[0] ?? {})
    const types = names.map((name) => (name === '_value' || name === 'le' ? 'double' : 'string'))
    const lines = [
      ['#datatype', 'string', 'long', ...types],
      ['#group', 'false', 'false', ...names.map(() => 'false')],
      ['#default', '_result', '', ...names.map(() => '')],
      ['', 'result', 'table', ...names],
      ...rows.map((row) => ['', '', String(table), ...names.map((name) => String(row[name]))]),
    ]
    return `${lines.map((line) => line.map(csvField).join(',')).join('\r\n')}\r\n\r\n`
  })
  return {
    status: 200,
    headers: { 'content-type': 'text/csv; charset=utf-8' },
    body: written.join('') || '\r\n',
  }
}

function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
