import { UserError } from '../../rollout/user-error.js'
import type { Answer } from '../http/exchange.js'
import { MetricsServer, type Question } from '../http/metrics-server.js'
import { saidBy } from '../http/said-by.js'
import type { ServerSettings } from '../http/server-settings.js'
import type { SourceContext } from '../source-context.js'
import { ServerClock, WHAT_TIME } from './server-clock.js'

/** What a vendor means by a refusal. */
export interface Explanation {
  /** What it said, where that is told in a way of its own. */
  readonly said?: string
  readonly hint?: string
}

/** A vendor's API: what its refusals mean, and what time it is there. */
export class VendorServer {
  readonly clock: ServerClock
  readonly #http: MetricsServer
  readonly #explain: (answer: Answer) => Explanation

  /** @throws UserError if the settings cannot be used */
  constructor(
    source: string,
    settings: ServerSettings,
    context: SourceContext,
    explain: (answer: Answer) => Explanation,
  ) {
    this.#http = new MetricsServer(source, settings, context)
    this.clock = new ServerClock(context.clock, () => this.#http.ask(WHAT_TIME))
    this.#explain = explain
  }

  /** How long one question may take, in milliseconds. */
  get patienceMs(): number {
    return this.#http.patienceMs
  }

  /** @throws as MetricsServer.ask; refusals with what the vendor means by them */
  async ask(question: Question): Promise<Answer> {
    let refused: Answer | undefined
    const isPassing = (answer: Answer): boolean => {
      refused = answer
      return question.isPassing?.(answer) ?? false
    }
    try {
      const answer = await this.#http.ask({ ...question, isPassing })
      this.clock.learn(answer)
      return answer
    } catch (thrown) {
      if (refused === undefined || !(thrown instanceof UserError)) throw thrown
      this.clock.learn(refused)
      throw this.#explained(thrown, refused)
    }
  }

  /** @throws as MetricsServer.json */
  async json(question: Question): Promise<unknown> {
    return this.#http.parse(await this.ask(question))
  }

  /** For an answer that tells of an error with status 200. */
  failure(said: unknown, hint?: string): UserError {
    return new UserError(this.told(said), hint === undefined ? {} : { hint })
  }

  /** `datadog at https://…: "what it said"`, on one line and without secrets. */
  told(said: unknown): string {
    return `${this.#http.who}: ${this.#quoted(said) || 'an error without a message'}`
  }

  #explained(thrown: UserError, refused: Answer): UserError {
    const { said, hint = thrown.hint } = this.#explain(refused)
    const message =
      said === undefined
        ? thrown.message
        : `${this.#http.who} answered ${refused.status}: ${this.#quoted(said)}`
    return new UserError(message, hint === undefined ? {} : { hint })
  }

  #quoted(said: unknown): string {
    const body = JSON.stringify(typeof said === 'string' ? { message: said } : said)
    return saidBy({ status: 200, headers: {}, body }, this.#http.redact)
  }
}
