import type { MetricQuery, MetricSource, MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import type { Counted } from '../counting/counted.js'
import { CountingSource, type Vendor } from '../counting/counting-source.js'
import { ServerClock, WHAT_TIME } from '../counting/server-clock.js'
import { MOST_CONNECTIONS } from '../http/exchange.js'
import { MetricsServer } from '../http/metrics-server.js'
import type { SourceContext } from '../source-context.js'
import { fillAddress, windowValues } from './fill-address.js'
import type { WebSettings } from './settings.js'
import { questionOf, type WebQuestion } from './web-question.js'

const LAG_MS = 10_000
const STEP_MS = 10_000

/** Any JSON over HTTP. Asks nothing yet. @throws UserError if the settings cannot be used */
export function openWeb(settings: WebSettings, context: SourceContext): MetricSource {
  const server = new MetricsServer('web', settings, context)
  const clock = new ServerClock(context.clock, () => server.ask(WHAT_TIME))
  const { lagMs = LAG_MS, stepMs = STEP_MS } = settings
  return new CountingSource(new Web(server, clock, lagMs, stepMs), context, clock)
}

class Web implements Vendor<WebQuestion> {
  readonly name = 'web'
  readonly lagMs: number
  readonly stepMs: number
  readonly patienceMs: number
  readonly #server: MetricsServer
  readonly #clock: ServerClock

  constructor(server: MetricsServer, clock: ServerClock, lagMs: number, stepMs: number) {
    this.#server = server
    this.patienceMs = server.patienceMs
    this.#clock = clock
    this.lagMs = lagMs
    this.stepMs = stepMs
  }

  /** For both sides. */
  rounds(windows: number): number {
    return Math.ceil((2 * windows) / MOST_CONNECTIONS)
  }

  question(metric: MetricQuery, values: Selector): WebQuestion {
    return questionOf(metric, values)
  }

  /** One request for each question and window; the client keeps to a few at a time. */
  count(
    questions: readonly WebQuestion[],
    windows: readonly MetricWindow[],
  ): Promise<readonly (readonly Counted[])[]> {
    return Promise.all(
      questions.map((question) => Promise.all(windows.map((window) => this.#counted(question, window)))),
    )
  }

  async #counted({ what, path, values, counted }: WebQuestion, window: MetricWindow): Promise<Counted> {
    const filled = fillAddress(path, { ...values, ...windowValues(window) })
    const answer = await this.#server.ask({ path: filled.startsWith('/') ? filled : `/${filled}` })
    this.#clock.learn(answer)
    this.#server.parse(answer)
    const { who, redact } = this.#server
    return counted({ what: `${what} (${who})`, body: answer.body, redact })
  }
}
