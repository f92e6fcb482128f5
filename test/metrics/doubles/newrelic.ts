import { NrqlError, parseNrql, type Event } from './nrql.js'
import { jsonReply, Strange, VendorDouble, type Asked, type Reply } from './vendor-double.js'

interface GraphqlRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/**
 * New Relic's NerdGraph, written from https://docs.newrelic.com/docs/apis/nerdgraph/examples/nerdgraph-nrql-tutorial/ (nrql,
 * results), https://docs.newrelic.com/docs/apis/nerdgraph/get-started/introduction-new-relic-nerdgraph/ (`API-Key`, addresses),
 * https://docs.newrelic.com/docs/nrql/using-nrql/query-time-range/ (milliseconds, UNTIL excluded, metrics by the minute).
 * Errors of queries come with status 200, `errors` and `errorClass`.
 */
export class NewRelicDouble extends VendorDouble {
  static readonly account = 1_234_567
  static readonly key = 'NRAK-0123456789ABCDEFGHIJKLMNOP'

  constructor(now: () => number) {
    super(now, 90_000)
  }

  protected answer({ method, path, headers, body }: Asked): Reply {
    if (method !== 'POST' || path !== '/graphql') throw new Strange(`${method} ${path}`)
    if (headers['content-type'] !== 'application/json') throw new Strange('the body is not said to be JSON')
    if (headers['api-key'] !== NewRelicDouble.key) {
      return jsonReply({ errors: [{ message: 'The API key provided is invalid or missing.' }] }, 401)
    }
    const { query, variables } = JSON.parse(body) as GraphqlRequest
    const aliases = aliasesOf(query)
    if (variables['account'] !== NewRelicDouble.account) {
      return graphqlError('Account is not visible to this user', 'ACCESS_DENIED')
    }
    if (typeof variables['timeout'] !== 'number' || variables['timeout'] > 70) throw new Strange('timeout')
    try {
      const account = Object.fromEntries(
        aliases.map((alias) => [alias, this.#nrql(String(variables[alias]))]),
      )
      return jsonReply({ data: { actor: { account } } })
    } catch (thrown) {
      if (!(thrown instanceof NrqlError)) throw thrown
      return graphqlError(thrown.message, 'INVALID_INPUT')
    }
  }

  #nrql(text: string): object {
    const { from, sinceMs, untilMs, row } = parseNrql(text)
    if (!['Transaction', 'Metric'].includes(from)) return { results: [], ...metadata(sinceMs, untilMs) }
    const snapped = from === 'Metric' ? 60_000 : 1
    const [begin, end] = [sinceMs, untilMs].map((ms) => Math.floor(ms / snapped) * snapped) as [
      number,
      number,
    ]
    const events = this.requests
      .filter(({ atMs }) => atMs >= begin && atMs < end)
      .map(({ slot, bad, ms }): Event => {
        const httpResponseCode = bad ? '500' : '200'
        return { appName: 'shop', slot, httpResponseCode, duration: ms / 1_000, basket: ms * 2 }
      })
    return { results: [row(events)], ...metadata(begin, end) }
  }
}

function metadata(begin: number, end: number): object {
  return { metadata: { messages: [], timeWindow: { begin, end } } }
}

export function graphqlError(message: string, errorClass: string): Reply {
  const error = { message, path: ['actor', 'account', 'q0'], extensions: { errorClass } }
  return jsonReply({ data: { actor: { account: null } }, errors: [error] })
}

const FIELD =
  /^(q\d+): nrql\(query: \$(q\d+), timeout: \$timeout\) \{ results metadata \{ messages timeWindow \{ begin end \} \} \}$/

/** The names of the NRQL queries in a GraphQL document; values must be variables, so that nothing can get into it. */
function aliasesOf(document: string): string[] {
  const parts =
    /^query \(\$account: Int!, \$timeout: Seconds((?:, \$q\d+: Nrql!)+)\) \{ actor \{ account\(id: \$account\) \{ (.+) \} \} \}$/s.exec(
      document,
    )
  const [, declared = '', fields = ''] = parts ?? []
  const aliases = fields.split(/ (?=q\d+: )/).map((field) => {
    const [, alias = '', variable = ''] = FIELD.exec(field) ?? []
    if (alias === '' || alias !== variable || !declared.includes(`$${variable}: Nrql!`))
      throw new Strange(field)
    return alias
  })
  return aliases
}
