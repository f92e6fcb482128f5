import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
  PastSample,
  Sample,
} from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { harmless } from '../../smoke/harmless-text.js'
import { MetricsServer } from '../http/metrics-server.js'
import type { SourceContext } from '../source-context.js'
import { BucketFault } from './bucket-edges.js'
import { podBy, type PodOf } from './by-pod.js'
import { Counters } from './counters.js'
import { durationText } from './duration-text.js'
import { filledFor } from './filled-query.js'
import { promqlOf, type ScalarQuery } from './metric-settings.js'
import { piecesOf, type CounterQuery, type Piece } from './pieces.js'
import { QueryApi } from './query-api.js'
import { valuesIn } from './read-series.js'
import { scalarAt } from './scalar-value.js'
import { SilentBad } from './silent-bad.js'
import { DEFAULT_SLACK_MS, type PrometheusSettings } from './settings.js'

/** `{{range}}` is at least so many scrape intervals, since a rate needs two samples and one may be missing. */
const INTERVALS_IN_RANGE = 4

/** Opens a Prometheus, or what speaks its query API. Asks nothing yet. @throws UserError if the settings cannot be used */
export function openPrometheus(settings: PrometheusSettings, context: SourceContext): MetricSource {
  return new Prometheus(settings, context)
}

/** As many questions one after the other an answer may take: the time, samples, and what was before them. */
const QUESTIONS_IN_A_ROW = 3

type Sides = { readonly stable: Selector | undefined; readonly candidate: Selector }

class Prometheus implements MetricSource {
  readonly name: string
  /** Samples are of any moment, and counters are cut between them. */
  readonly anyMoment = true
  readonly #settings: PrometheusSettings
  readonly #context: SourceContext
  readonly #server: MetricsServer
  readonly #api: QueryApi
  readonly #counters: Counters
  readonly #podOf: PodOf
  readonly #silentBad: SilentBad
  /** By how much the server's clock is ahead of ours, in milliseconds. */
  #aheadMs: number | undefined

  constructor(settings: PrometheusSettings, context: SourceContext) {
    this.name = context.sourceName ?? 'prometheus'
    this.#settings = settings
    this.#context = context
    this.#server = new MetricsServer(this.name, settings, context)
    this.#api = new QueryApi(this.#server, context.warn)
    this.#counters = new Counters(this.#api, settings.scrapeIntervalMs)
    this.#podOf = podBy(settings.podLabel)
    const { warn, note = warn } = context
    const safely = (tell: (line: string) => void) => (line: string) =>
      tell(harmless(this.#server.redact(line)))
    this.#silentBad = new SilentBad({ warn: safely(warn), note: safely(note) })
  }

  /** Every scrape that began before is readable: it takes no longer than one interval. */
  get lagMs(): number {
    return this.#counters.intervalMs + (this.#settings.slackMs ?? DEFAULT_SLACK_MS)
  }

  /** A window has at least one scrape of each target. */
  get stepMs(): number {
    return this.#counters.intervalMs
  }

  /** The same for history, which is one range of samples. */
  get answerMs(): number {
    return this.#server.patienceMs * QUESTIONS_IN_A_ROW
  }

  /** The server's own time, by which its samples are stamped. @throws TransientError or UserError if it does not tell */
  async now(): Promise<Date> {
    const asked = { what: 'its time', query: 'time()' }
    const [answer] = valuesIn(this.#api, asked, await this.#api.instant(asked.what, asked.query))
    if (answer === undefined || !Number.isFinite(answer.value)) {
      throw this.#api.wrong(asked.what, asked.query, 'gave no time')
    }
    const nowMs = Math.round(answer.value * 1_000)
    this.#aheadMs = nowMs - this.#context.clock.wallTime().getTime()
    return new Date(nowMs)
  }

  /** @throws TransientError if it does not answer; UserError for queries, credentials and results that are wrong */
  async counts(metric: MetricQuery, by: Sides, window: MetricWindow): Promise<MetricReading> {
    const sides = by.stable === undefined ? [by.candidate] : [by.candidate, by.stable]
    const [candidate, stable] = await this.#piecesIn(metric, sides, window)
    // Between two scrapes there is nothing to count yet: it is counted in the window in which it is seen.
    const short = window.toMs - window.fromMs < this.stepMs
    for (const [side, piece] of Object.entries({ candidate, stable })) {
      if (piece?.kind !== 'unknown' || (short && piece.silent === true)) continue
      return { kind: 'no-data', why: this.#server.redact(`${side}: ${piece.why}`) }
    }
    return { kind: 'samples', stable: known(stable), candidate: known(candidate) }
  }

  /** Scalars have none. The first window is the first whose beginning was scraped. @throws as counts */
  async history(
    metric: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]> {
    const query = promqlOf(metric)
    const blocks = Math.floor((window.toMs - window.fromMs) / blockMs)
    if (query.kind === 'scalar' || blocks < 1) return []
    const cutsMs = Array.from({ length: blocks + 1 }, (_, index) => window.toMs - (blocks - index) * blockMs)
    const [past] = await this.#pieces(query, [of], `metric ${metric.name}`, cutsMs)
    if (past === undefined) return []
    return past.pieces.flatMap((piece, index) => {
      const [fromMs = 0, toMs = 0] = [cutsMs[index], cutsMs[index + 1]]
      const sample = known(piece)
      return sample === undefined || fromMs < past.sinceMs ? [] : [{ fromMs, toMs, sample }]
    })
  }

  /** What each side did in one window. */
  async #piecesIn(
    metric: MetricQuery,
    sides: readonly Selector[],
    window: MetricWindow,
  ): Promise<readonly Piece[]> {
    const query = promqlOf(metric)
    const what = `metric ${metric.name}`
    if (query.kind === 'scalar') return this.#scalars(what, query, sides, window)
    const all = await this.#pieces(query, sides, what, [window.fromMs, window.toMs])
    return all.flatMap(({ pieces }) => pieces)
  }

  async #pieces(query: CounterQuery, sides: readonly Selector[], what: string, cutsMs: readonly number[]) {
    const queries = sides.map((side) => filledFor(query, this.#values(side), ''))
    const cuts = { what, cutsMs, bornSinceMs: await this.#rolloutStartedMs() }
    try {
      const read = await piecesOf(this.#counters, this.#podOf, queries, cuts)
      const [asked] = queries
      if (asked?.kind === 'share') this.#silentBad.look(what, asked.requests, asked.bad[0] ?? '', read)
      return read
    } catch (thrown) {
      if (!(thrown instanceof BucketFault) || query.kind !== 'latency') throw thrown
      throw this.#api.wrong(what, query.buckets, `gave ${thrown.message}`)
    }
  }

  /** A query that speaks of no side is asked once. */
  async #scalars(
    what: string,
    query: ScalarQuery,
    sides: readonly Selector[],
    { fromMs, toMs }: MetricWindow,
  ): Promise<readonly Piece[]> {
    const range = durationText(Math.max(toMs - fromMs, this.#counters.intervalMs * INTERVALS_IN_RANGE))
    const texts = sides.map((side) => filledFor(query, this.#values(side), range).query)
    const different = [...new Set(texts)]
    const values = await Promise.all(
      different.map((text) => scalarAt(this.#api, { what, query: text }, toMs)),
    )
    return texts.flatMap((text) => values[different.indexOf(text)] ?? [])
  }

  /** What placeholders may stand for; what tells the side apart comes first. */
  #values(side: Selector): Selector {
    return { service: this.#context.service, ...this.#settings.values, ...side }
  }

  /** In the server's time. */
  async #rolloutStartedMs(): Promise<number | undefined> {
    const started = this.#context.rolloutStarted?.()
    if (started === undefined) return undefined
    if (this.#aheadMs === undefined) await this.now()
    return started.getTime() + (this.#aheadMs ?? 0)
  }
}

function known(piece: Piece | undefined): Sample | undefined {
  return piece === undefined || piece.kind === 'unknown' ? undefined : piece
}
