import { UserError } from '../../rollout/user-error.js'
import { harmless } from '../../smoke/harmless-text.js'
import type { MetricsServer } from '../http/metrics-server.js'

/** What an instant query gave. */
export interface QueryResult {
  readonly type: string
  readonly result: unknown
}

/**
 * For Thanos, which would leave out with a warning what a store does not tell, and count too little
 * (https://thanos.io/tip/components/query.md/#partial-response-strategy); others do not look at it.
 */
const RAW_AND_WHOLE = { partial_response: 'false', max_source_resolution: '0' }

/**
 * The query API: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries. By POST, since selectors with many
 * pods are longer than an address may be.
 */
export class QueryApi {
  readonly #server: MetricsServer
  readonly #warn: (line: string) => void
  readonly #warned = new Set<string>()

  constructor(server: MetricsServer, warn: (line: string) => void) {
    this.#server = server
    this.#warn = warn
  }

  /**
   * Runs a query at a moment (milliseconds since 1970); now if not given.
   * @param what names it in messages: `metric errors`
   * @throws TransientError, or UserError with what the server said
   */
  async instant(what: string, query: string, atMs?: number): Promise<QueryResult> {
    const time: Record<string, string> = atMs === undefined ? {} : { time: (atMs / 1_000).toFixed(3) }
    const body = new URLSearchParams({ query, ...time, ...RAW_AND_WHOLE })
    const answer = await this.#server.ask({ method: 'POST', path: '/api/v1/query', body, accept: [400, 422] })
    const envelope = this.#server.parse(answer)
    if (!isMap(envelope) || (envelope['status'] !== 'success' && envelope['status'] !== 'error')) {
      throw new UserError(`${this.#server.who} answered with JSON that is not Prometheus's`, {
        hint: 'Look at url: it is the address to which /api/v1/query is appended.',
      })
    }
    this.#tellWarnings(envelope['warnings'])
    const data = envelope['data']
    if (envelope['status'] === 'success' && isMap(data) && typeof data['resultType'] === 'string') {
      return { type: harmless(this.#server.redact(data['resultType'])), result: data['result'] }
    }
    throw this.#refused(what, query, answer.status, envelope)
  }

  /** A failure that speaks of one query. */
  wrong(what: string, query: string, problem: string, hint?: string): UserError {
    const text = `${what}: ${problem}, for ${this.#shown(query)} (${this.#server.who})`
    return new UserError(text, hint === undefined ? {} : { hint })
  }

  #refused(what: string, query: string, status: number, envelope: Record<string, unknown>): UserError {
    const { errorType, error } = envelope
    const said = harmless(
      this.#server.redact(`${String(errorType ?? status)}: ${String(error ?? 'no reason given')}`),
    )
    const hint =
      errorType === 'execution' || status === 422
        ? 'The server cannot run this query: make the selector narrower, or look at the limits of the server.'
        : 'The server does not understand this query: try it in the web page of Prometheus.'
    return this.wrong(what, query, `refused, ${said}`, hint)
  }

  #shown(query: string): string {
    return harmless(this.#server.redact(query))
  }

  /** Said once each, however many looks there are. */
  #tellWarnings(warnings: unknown): void {
    if (!Array.isArray(warnings)) return
    for (const warning of warnings) {
      const line = harmless(this.#server.redact(String(warning)))
      if (this.#warned.has(line)) continue
      this.#warned.add(line)
      this.#warn(`${this.#server.who} warns: ${line}`)
    }
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
