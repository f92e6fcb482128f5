import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
  PastSample,
  Sample,
} from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import type { SourceContext } from '../source-context.js'
import type { Counted } from './counted.js'
import type { ServerClock } from './server-clock.js'

/** What differs from vendor to vendor. */
export interface Vendor<Question> {
  readonly name: string
  readonly lagMs: number
  /** Windows are cut to whole multiples of it. */
  readonly stepMs: number
  /** How long one question may take, in milliseconds. */
  readonly patienceMs: number
  /** How many questions it takes, one after the other, to count so many windows. Default: one. */
  rounds?(windows: number): number
  /** What is asked for one side; asks nobody. @throws UserError for what a metric says wrongly */
  question(metric: MetricQuery, values: Selector): Question
  /** What each question counts in each window. */
  count(
    questions: readonly Question[],
    windows: readonly MetricWindow[],
  ): Promise<readonly (readonly Counted[])[]>
}

/** A vendor as a source of metrics. */
export class CountingSource<Question> implements MetricSource {
  readonly name: string
  readonly lagMs: number
  readonly stepMs: number
  readonly #vendor: Vendor<Question>
  readonly #context: SourceContext
  readonly #clock: ServerClock

  constructor(vendor: Vendor<Question>, context: SourceContext, clock: ServerClock) {
    this.name = context.sourceName ?? vendor.name
    this.lagMs = vendor.lagMs
    this.stepMs = vendor.stepMs
    this.#vendor = vendor
    this.#context = context
    this.#clock = clock
  }

  get answerMs(): number {
    return this.historyAnswerMs(1)
  }

  /** One round more, since what other metrics ask may be before it in the queue. */
  historyAnswerMs(windows: number): number {
    return this.#vendor.patienceMs * (1 + (this.#vendor.rounds?.(windows) ?? 1))
  }

  now(): Promise<Date> {
    return this.#clock.time()
  }

  async counts(
    metric: MetricQuery,
    by: { readonly stable: Selector | undefined; readonly candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading> {
    const cut = this.#cut(window)
    const sides = by.stable === undefined ? [by.candidate] : [by.candidate, by.stable]
    const questions = sides.map((side) => this.#question(metric, side))
    if (cut.toMs <= cut.fromMs) return { kind: 'samples', stable: undefined, candidate: undefined }
    const [candidate, stable] = (await this.#vendor.count(questions, [cut])).map(([counted]) => counted)
    for (const side of [candidate, stable]) {
      if (side?.kind === 'unsound')
        return { kind: 'no-data', why: `${this.name}, ${within(cut)}: ${side.why}` }
    }
    if (candidate === undefined && stable === undefined) {
      const why = `${this.name} has nothing of it ${within(cut)}: no requests, or nothing that the query matches`
      return { kind: 'no-data', why }
    }
    return { kind: 'samples', stable: sampleOf(stable), candidate: sampleOf(candidate) }
  }

  async history(
    metric: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]> {
    const { fromMs, toMs } = this.#cut(window)
    const block = Math.max(this.stepMs, Math.round(blockMs / this.stepMs) * this.stepMs)
    const windows: MetricWindow[] = []
    for (let at = fromMs; at + block <= toMs; at += block) windows.push({ fromMs: at, toMs: at + block })
    if (windows.length === 0) return []
    const [counted = []] = await this.#vendor.count([this.#question(metric, of)], windows)
    return windows.flatMap((past, index) => {
      const sample = sampleOf(counted[index])
      return sample === undefined ? [] : [{ ...past, sample }]
    })
  }

  #question(metric: MetricQuery, side: Selector): Question {
    return this.#vendor.question(metric, { service: this.#context.service, ...side })
  }

  #cut({ fromMs, toMs }: MetricWindow): MetricWindow {
    const down = (ms: number): number => Math.floor(ms / this.stepMs) * this.stepMs
    return { fromMs: down(fromMs), toMs: down(toMs) }
  }
}

function sampleOf(counted: Counted): Sample | undefined {
  return counted?.kind === 'unsound' ? undefined : counted
}

function within({ fromMs, toMs }: MetricWindow): string {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(11, 19))
  return `from ${from} to ${to} UTC`
}
