import type { MetricQuery, MetricSource, MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { askTexts, type Asked } from '../counting/asked.js'
import { latencyOf, type Counted } from '../counting/counted.js'
import { CountingSource, type Vendor } from '../counting/counting-source.js'
import { MetricSettings } from '../counting/metric-settings.js'
import { foldValues } from '../counting/points.js'
import { VendorServer, type Explanation } from '../counting/vendor-server.js'
import type { Answer } from '../http/exchange.js'
import { tooCoarse } from '../point-spacing.js'
import type { SourceContext } from '../source-context.js'
import { credentials } from './credentials.js'
import { flux } from './flux.js'
import { influxql } from './influxql.js'
import type { Language } from './language.js'
import { atMostEachEdge } from './le-buckets.js'
import type { InfluxSettings } from './settings.js'
import { SpacingProbe } from './spacing-probe.js'

/** Telegraf collects every 10 s and sends within 10 s after that, unless it is told otherwise (https://docs.influxdata.com/telegraf/v1/configuration/#agent). */
const STEP_MS = 10_000
const LAG_MS = 20_000

/** Windows of the past that are asked for at once: more would only wait for each other. */
const AT_ONCE = 3

/** What is asked for one side: numbers of several queries, or buckets of one. */
type Question = { readonly metric: string } & (Numbers | Buckets)

interface Numbers {
  readonly kind: 'numbers'
  readonly asked: Asked<string>
}

interface Buckets {
  readonly kind: 'buckets'
  readonly query: string
  /** Milliseconds in one unit of `le`. */
  readonly unitMs: number
}

/** InfluxDB 2 in Flux, or InfluxDB 1 in InfluxQL. @throws UserError if the settings cannot be used */
export function openInfluxdb(settings: InfluxSettings, context: SourceContext): MetricSource {
  const { lagMs = LAG_MS, stepMs = STEP_MS } = settings
  const server = new VendorServer('influxdb', { ...settings, ...credentials(settings) }, context, explain)
  const language =
    settings.language === 'influxql' ? influxql(settings, server) : flux(settings, server, stepMs)
  return new CountingSource(new Influxdb(server, language, lagMs, stepMs), context, server.clock)
}

class Influxdb implements Vendor<Question> {
  readonly name = 'influxdb'
  readonly lagMs: number
  readonly stepMs: number
  readonly patienceMs: number
  readonly #server: VendorServer
  readonly #language: Language
  readonly #spacing: SpacingProbe

  constructor(server: VendorServer, language: Language, lagMs: number, stepMs: number) {
    this.#server = server
    this.patienceMs = server.patienceMs
    this.#language = language
    this.lagMs = lagMs
    this.stepMs = stepMs
    this.#spacing = new SpacingProbe(stepMs)
  }

  /** A few windows at a time. */
  rounds(windows: number): number {
    return Math.ceil(windows / AT_ONCE)
  }

  question(metric: MetricQuery, values: Selector): Question {
    const settings = new MetricSettings(this.name, metric)
    const fill = (query: string, key: string): string => this.#language.fill(query, key, settings, values)
    const asked = askTexts(metric, settings, 'a query that gives how many there were', fill)
    if (asked !== undefined) return { metric: metric.name, kind: 'numbers', asked }
    const query = fill(settings.text('buckets', 'a query that gives counts by le'), 'buckets')
    const unitMs = settings.choice('unit', ['s', 'ms'], 's') === 's' ? 1_000 : 1
    return { metric: metric.name, kind: 'buckets', query, unitMs }
  }

  async count(
    questions: readonly Question[],
    windows: readonly MetricWindow[],
  ): Promise<readonly (readonly Counted[])[]> {
    const counted = questions.map((): Counted[] => [])
    for (let from = 0; from < windows.length; from += AT_ONCE) {
      const part = windows.slice(from, from + AT_ONCE)
      const asked = questions.map((question) =>
        Promise.all(part.map((window) => this.#counted(question, window))),
      )
      for (const [index, some] of (await Promise.all(asked)).entries()) counted[index]?.push(...some)
    }
    const something = questions.filter((_, index) => counted[index]?.some((one) => one !== undefined))
    await this.#refuseCoarser(something, Math.max(...windows.map(({ toMs }) => toMs)))
    return counted
  }

  /** Counts of a point that stands for more than a step are those of several windows. Numbers may come as seldom as they do. */
  async #refuseCoarser(questions: readonly Question[], untilMs: number): Promise<void> {
    const queries = questions.flatMap((question) => countingQuery(question) ?? [])
    const [{ metric } = { metric: '' }] = questions
    if (queries.length === 0) return
    const apartMs = await this.#spacing.coarser(metric, untilMs, async (piece) => {
      const answers = await Promise.all(queries.map((query) => this.#language.rows(query, piece)))
      return answers.some((rows) => rows.some(({ value }) => value !== 0))
    })
    if (apartMs !== undefined) throw this.#server.failure(tooCoarse(apartMs, this.stepMs, 'step'))
  }

  async #counted(question: Question, window: MetricWindow): Promise<Counted> {
    if (question.kind === 'buckets') {
      const { edgesMs, atMost, all } = atMostEachEdge(
        await this.#language.rows(question.query, window),
        question.unitMs,
        this.#server,
      )
      return edgesMs.length === 0 ? undefined : latencyOf(edgesMs, atMost, all)
    }
    const { queries, fold, counted } = question.asked
    const answers = await Promise.all(queries.map((query) => this.#language.rows(query, window)))
    return counted(
      answers.map((rows) =>
        foldValues(
          rows.map(({ value }) => value),
          fold,
        ),
      ),
    )
  }
}

/** The query of a question that counts all that there is. */
function countingQuery(question: Question): string | undefined {
  if (question.kind === 'buckets') return question.query
  return question.asked.fold === 'sum' ? question.asked.queries[0] : undefined
}

function explain({ status, body }: Answer): Explanation {
  if (status === 401) return { hint: 'Look at token, or user and password: InfluxDB does not know them.' }
  if (status === 403)
    return { hint: 'Give the token, or the user, the right to read this bucket or database.' }
  if (status === 404 && /organization|bucket/i.test(body)) {
    return { hint: 'Look at org and bucket: what a token may not see is not found.' }
  }
  return {}
}
