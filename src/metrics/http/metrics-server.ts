import { TransientError } from '../../rollout/ports/transient-error.js'
import { UserError } from '../../rollout/user-error.js'
import type { SourceContext } from '../source-context.js'
import type { Agent } from 'node:http'
import { boundedJson, TooNested } from './bounded-json.js'
import { connections, exchange, type Answer } from './exchange.js'
import { lostConnection } from './lost-connection.js'
import { redactionOf, type Redact } from './redaction.js'
import { isPassing, isRedirect, refusal } from './refusal.js'
import { isPage, saidBy } from './said-by.js'
import { DEFAULT_PATIENCE_MS, DEFAULT_TIMEOUT_MS, type ServerSettings } from './server-settings.js'
import { serverAddress, type ServerAddress } from './server-address.js'
import { tlsMaterial } from './tls-files.js'

/** One question to a server. It may be asked several times, so it must change nothing there. */
export interface Question {
  readonly method?: 'GET' | 'HEAD' | 'POST'
  /** Below the path prefix of the server: `/api/v1/query`. */
  readonly path: string
  /** Put behind the path, escaped; never shown in a message. */
  readonly query?: Readonly<Record<string, string>> | URLSearchParams
  /** Beside those of the settings. A function is asked before each try: for signatures that hold the time. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>)
  /** A `URLSearchParams` is sent as a form, an object as JSON, a string as it is. */
  readonly body?: string | URLSearchParams | object
  /** Statuses besides 2xx that are answers too: the caller reads what is wrong in the body, or looks at the headers alone. */
  readonly accept?: readonly number[] | 'any'
  /** Whether an answer with another status than 408, 425, 429 or 5xx asks for another try: throttling that is told as 400. */
  readonly isPassing?: (answer: Answer) => boolean
}

/** Pauses between tries, in milliseconds: doubled each time, with jitter so that many steps do not come back at once. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8_000
const MOST_TRIES = 5
const MOST_REDIRECTS = 3

/**
 * The HTTP client of all metric sources: credentials, a time-out for each try, tries on 408, 425, 429, 5xx and lost connections
 * with backoff or as `Retry-After` says, all within the patience, and errors that say what the server said and no secret.
 */
export class MetricsServer {
  /** How messages name it: `prometheus at https://host:9090/prefix`. */
  readonly who: string
  /** Takes the credentials out of a text that came from the server. */
  readonly redact: Redact
  readonly #address: ServerAddress
  readonly #settings: ServerSettings
  readonly #context: SourceContext
  #agent: Promise<Agent> | undefined

  /**
   * @param kind its name in messages where the context has none: `prometheus`
   * @throws UserError if the settings cannot be used
   */
  constructor(kind: string, settings: ServerSettings, context: SourceContext) {
    const source = context.sourceName ?? kind
    this.#address = serverAddress(source, settings)
    this.#settings = settings
    this.#context = context
    this.redact = redactionOf(settings)
    this.who = this.redact(`${source} at ${this.#address.shown}`)
  }

  /** How long one question may take with all its tries, in milliseconds, from when there is a connection for it. */
  get patienceMs(): number {
    const { patienceMs, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#settings
    return patienceMs ?? Math.max(DEFAULT_PATIENCE_MS, timeoutMs)
  }

  /**
   * The JSON of an answer.
   * @throws TransientError if it did not answer; UserError for refusals, TLS, DNS, and for what is no JSON
   */
  async json(question: Question): Promise<unknown> {
    return this.parse(await this.ask(question))
  }

  /** The JSON in an answer's body. @throws UserError if it is none */
  parse(answer: Answer): unknown {
    try {
      return boundedJson(answer.body)
    } catch (thrown) {
      if (thrown instanceof TooNested) {
        const hint = 'Look at url: does it lead to the API? If it does, ask for less: a narrower query.'
        throw new UserError(`${this.who} answered with ${thrown.message}: that is not read`, { hint })
      }
      const said = saidBy(answer, this.redact)
      if (isPage(answer.body, answer.headers['content-type'])) {
        const hint =
          'A login page stands before the API, or url leads to a page for people: give a token, or the address of the API.'
        throw new UserError(`${this.who} answered with ${said} instead of JSON`, { hint })
      }
      throw new UserError(`${this.who} answered with ${said === '' ? 'nothing' : said} instead of JSON`, {
        hint: 'Look at url: does it lead to the API?',
      })
    }
  }

  /** An answer with a status of 2xx, or one that the question accepts. @throws as `json`, but for its JSON */
  async ask(question: Question): Promise<Answer> {
    const { clock, signal, random = Math.random } = this.#context
    // Patience begins with the connection: before, a question waits for our own other ones.
    let begunMs: number | undefined
    const begin = (): void => void (begunMs ??= clock.monotonicMs())
    const leftMs = (): number => this.patienceMs - (clock.monotonicMs() - (begunMs ?? clock.monotonicMs()))
    for (let tries = 1, pause = FIRST_PAUSE_MS; ; tries++, pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const outcome = await this.#try(question, leftMs(), begin)
      if (!(outcome instanceof TransientError)) return outcome
      const wait = outcome.retryAfterMs ?? pause * (0.5 + random() / 2)
      if (tries === MOST_TRIES || wait >= leftMs()) throw after(tries, outcome)
      await clock.sleep(wait, signal)
      if (signal.aborted) throw this.#cancelled(outcome)
    }
  }

  /** An answer, or the TransientError after which the question may be asked again. */
  async #try(question: Question, leftMs: number, onConnection: () => void): Promise<Answer | TransientError> {
    const answer = await this.#exchange(question, leftMs, onConnection).catch((thrown: unknown) => {
      if (this.#context.signal.aborted) throw this.#cancelled(thrown)
      const lost = lostConnection(this.who, thrown, this.#address.protocol === 'https:')
      if (lost instanceof TransientError) return lost
      throw lost
    })
    if (answer instanceof TransientError) return answer
    const { status } = answer
    if ((status >= 200 && status < 300) || accepts(question, status)) return answer
    const { prefix, isKnown } = this.#address
    const asked = { prefix, path: question.path, isKnown: isKnown || question.headers !== undefined }
    const refused = refusal(this.who, answer, this.redact, this.#context.clock.wallTime(), asked)
    if (refused instanceof TransientError) return refused
    if (!isPassing(status) && question.isPassing?.(answer) === true)
      return new TransientError(refused.message)
    throw refused
  }

  async #exchange(question: Question, leftMs: number, onConnection: () => void): Promise<Answer> {
    const { method = 'GET', headers: given = {} } = question
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = this.#settings
    this.#agent ??= this.#connections()
    const agent = await this.#agent
    let url = this.#address.of(question.path, question.query)
    for (let redirects = 0; ; redirects++) {
      const { type, text: body } = bodyOf(question.body)
      const headers = {
        ...type,
        ...this.#address.headers,
        ...(typeof given === 'function' ? given() : given),
      }
      const { signal } = this.#context
      const limit = Math.min(timeoutMs, leftMs)
      const answer = await exchange({
        url,
        method,
        headers,
        body,
        timeoutMs: limit,
        signal,
        agent,
        onConnection,
      })
      const next = redirects < MOST_REDIRECTS ? sameOrigin(url, answer, method) : undefined
      if (next === undefined) return answer
      url = next
    }
  }

  /** Files are read by the first request: a source that is not asked needs none. */
  async #connections(): Promise<Agent> {
    const material = await tlsMaterial(this.#settings.tls, this.#context.workspace)
    return connections(this.#address.protocol, material)
  }

  #cancelled(cause: unknown): TransientError {
    return new TransientError(`${this.who}: given up, since the step is cancelled`, { cause })
  }
}

function accepts({ accept }: Question, status: number): boolean {
  return accept === 'any' || accept?.includes(status) === true
}

function after(tries: number, { message, retryAfterMs, cause }: TransientError): TransientError {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  return new TransientError(tries === 1 ? message : `${message} (${tries} tries)`, { ...wait, cause })
}

/** Where a redirect leads that may be followed: to the same origin, since credentials go along, and with the same method. */
function sameOrigin(from: URL, { status, headers }: Answer, method: string): URL | undefined {
  const location = headers['location']
  if (!isRedirect(status) || location === undefined || !URL.canParse(location, from.href)) return undefined
  if (method !== 'GET' && status !== 307 && status !== 308) return undefined
  const to = new URL(location, from)
  return to.origin === from.origin ? to : undefined
}

function bodyOf(given: Question['body']): { type: Record<string, string>; text: string | undefined } {
  if (given === undefined || typeof given === 'string') return { type: {}, text: given }
  if (given instanceof URLSearchParams) {
    return { type: { 'content-type': 'application/x-www-form-urlencoded' }, text: given.toString() }
  }
  return { type: { 'content-type': 'application/json' }, text: JSON.stringify(given) }
}
