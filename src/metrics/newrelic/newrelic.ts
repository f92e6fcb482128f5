import type { MetricQuery, MetricSource, MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { UserError } from '../../rollout/user-error.js'
import type { Counted } from '../counting/counted.js'
import { CountingSource, type Vendor } from '../counting/counting-source.js'
import { VendorServer, type Explanation } from '../counting/vendor-server.js'
import type { Answer } from '../http/exchange.js'
import { DEFAULT_TIMEOUT_MS } from '../http/server-settings.js'
import type { SourceContext } from '../source-context.js'
import { askNrql, type NrqlQuestion } from './ask-nrql.js'
import { graphqlOf, KEY_HINT, readResults } from './nerdgraph.js'
import type { NewRelicSettings } from './settings.js'

/** As long as New Relic's own alerts wait for events that are late (https://docs.newrelic.com/docs/alerts/create-alert/fine-tune/streaming-alerts-key-terms-concepts/). */
const LAG_MS = 120_000
const STEP_MS = 10_000

/** NRQL queries in one request. */
const MOST_QUERIES = 10

const API = { us: 'https://api.newrelic.com', eu: 'https://api.eu.newrelic.com' } as const

/** New Relic, by NRQL through NerdGraph. @throws UserError if the settings cannot be used */
export function openNewRelic(settings: NewRelicSettings, context: SourceContext): MetricSource {
  const { accountId, apiKey, region = 'us', headers, lagMs = LAG_MS, stepMs = STEP_MS } = settings
  if (!Number.isSafeInteger(accountId) || accountId <= 0) {
    throw new UserError(
      `newrelic: account-id is ${String(accountId)}; allowed: the number of an account, such as 1234567`,
    )
  }
  const url = settings.url ?? API[region]
  const given = { ...settings, url, headers: { ...headers, 'API-Key': apiKey } }
  const server = new VendorServer('newrelic', given, context, explain)
  const vendor = new NewRelic(server, settings, { lagMs, stepMs }, context.warn)
  return new CountingSource(vendor, context, server.clock)
}

class NewRelic implements Vendor<NrqlQuestion> {
  readonly name = 'newrelic'
  readonly lagMs: number
  readonly stepMs: number
  readonly patienceMs: number
  readonly #server: VendorServer
  readonly #settings: NewRelicSettings
  readonly #warn: (line: string) => void
  readonly #warned = new Set<string>()

  constructor(
    server: VendorServer,
    settings: NewRelicSettings,
    { lagMs, stepMs }: { lagMs: number; stepMs: number },
    warn: (line: string) => void,
  ) {
    this.#server = server
    this.patienceMs = server.patienceMs
    this.#settings = settings
    this.lagMs = lagMs
    this.stepMs = stepMs
    this.#warn = warn
  }

  /** For both sides. */
  rounds(windows: number): number {
    return Math.ceil((2 * windows) / MOST_QUERIES)
  }

  question(metric: MetricQuery, values: Selector): NrqlQuestion {
    return askNrql(metric, values)
  }

  async count(
    questions: readonly NrqlQuestion[],
    windows: readonly MetricWindow[],
  ): Promise<readonly (readonly Counted[])[]> {
    const asked = questions.flatMap((question) => windows.map((window) => ({ question, window })))
    const counted: Counted[] = []
    for (let from = 0; from < asked.length; from += MOST_QUERIES) {
      counted.push(...(await this.#ask(asked.slice(from, from + MOST_QUERIES))))
    }
    return questions.map((_, index) => counted.slice(index * windows.length, (index + 1) * windows.length))
  }

  async #ask(asked: readonly { question: NrqlQuestion; window: MetricWindow }[]): Promise<Counted[]> {
    const { accountId, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#settings
    const nrql = asked.map(({ question, window }) => question.nrql(window))
    // It gives up before we do, so that it can say so.
    const timeout = Math.max(1, Math.floor(timeoutMs / 1_000) - 1)
    const answer = await this.#server.json({
      method: 'POST',
      path: '/graphql',
      body: graphqlOf(nrql, accountId, timeout),
    })
    const windows = asked.map(({ window }) => window)
    const { rows, messages } = readResults(answer, windows, this.#server)
    for (const message of messages) this.#tellOnce(message)
    return asked.map(({ question }, index) => question.counted(rows[index] ?? {}))
  }

  #tellOnce(message: string): void {
    if (this.#warned.has(message)) return
    this.#warned.add(message)
    this.#warn(this.#server.told(message))
  }
}

function explain({ status }: Answer): Explanation {
  return status === 401 || status === 403 ? { hint: KEY_HINT } : {}
}
