import type { Block } from '../ports/judge.js'
import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
  Sample,
} from '../ports/metric-source.js'
import type { Session } from '../session.js'
import { sideLabels } from './side-labels.js'
import { askSource, type SourceAnswer } from './source-answer.js'
import { sourceTime } from './source-clock.js'
import { Unanswered } from './unanswered.js'

/** A sample is asked for so long after it is complete, in milliseconds: no sooner than it is there, and hardly later. */
const AFTER_STEP_MS = 10

/** A metric of which a look was told nothing, and why. */
export interface Missing {
  readonly name: string
  readonly why: string
}

/** `errors, latency-p95: the source is down` */
export function describeMissing(missing: readonly Missing[]): string {
  return [...Map.groupBy(missing, ({ why }) => why)]
    .map(([why, metrics]) => `${metrics.map(({ name }) => name).join(', ')}: ${why}`)
    .join('; ')
}

/** What a look was told. */
export type Counted =
  /** No sample has become complete since the last look. */
  | { readonly kind: 'nothing-new' }
  /** The block has the metrics that were told; it is absent where none was, and its time is counted by the next look. */
  | { readonly kind: 'asked'; readonly block?: Block; readonly missing: readonly Missing[] }

/** Counts both sides in windows that lie side by side, from when it begins. */
export class Counting {
  readonly #session: Session
  readonly #source: MetricSource
  readonly #unanswered = new Unanswered()
  #fromMs: number | undefined
  /** Since when a metric was not told while others were, in milliseconds since 1970: its next window begins there. */
  readonly #untoldSinceMs = new Map<string, number>()
  /** How old the newest complete sample was at the last look, in milliseconds. */
  #ageMs = 0

  constructor(session: Session, source: MetricSource) {
    this.#session = session
    this.#source = source
  }

  /** In how many milliseconds from its beginning the first window is complete, at the latest. */
  get firstCountsMs(): number {
    return this.#source.lagMs + 2 * (this.#source.stepMs ?? 0)
  }

  /** The pause until the next look: moved so that it comes right after a sample is complete, and not a step later. */
  pauseOf(intervalMs: number): number {
    const step = this.#source.stepMs ?? 0
    return step === 0 || intervalMs < step ? intervalMs : intervalMs - this.#ageMs + AFTER_STEP_MS
  }

  /** What comes from now on is counted. Answers until when what came before is complete, in the source's time. */
  async begin(): Promise<SourceAnswer<number>> {
    const now = await sourceTime(this.#session, this.#source)
    if (now.kind === 'silent') return now
    const step = this.#source.stepMs ?? 1
    this.#fromMs = Math.ceil(now.told / step) * step
    return { kind: 'told', told: this.#completeAt(now.told) }
  }

  /** Counts what came since the last look: all metrics at once, in the same window, which reaches further back for those that were not told. */
  async next(queries: readonly MetricQuery[]): Promise<Counted> {
    const now = await sourceTime(this.#session, this.#source)
    if (now.kind === 'silent')
      return { kind: 'asked', missing: queries.map(({ name }) => ({ name, why: now.why })) }
    const toMs = this.#completeAt(now.told)
    this.#ageMs = now.told - this.#source.lagMs - toMs
    this.#fromMs ??= toMs
    const window = { fromMs: this.#fromMs, toMs }
    if (window.toMs <= window.fromMs) return { kind: 'nothing-new' }
    const since = ({ name }: MetricQuery): number => this.#untoldSinceMs.get(name) ?? window.fromMs
    const readings = await Promise.all(
      queries.map((query) => this.#read(query, { fromMs: since(query), toMs })),
    )
    return this.#counted(queries, readings, window)
  }

  #counted(
    queries: readonly MetricQuery[],
    readings: readonly MetricReading[],
    window: MetricWindow,
  ): Counted {
    const missing: Missing[] = []
    const metrics: Record<string, { stable?: Sample; candidate?: Sample }> = {}
    queries.forEach(({ name }, index) => {
      const reading = readings[index] ?? { kind: 'no-data', why: 'it was not asked for' }
      if (reading.kind === 'no-data') missing.push({ name, why: reading.why })
      else metrics[name] = sidesOf(reading)
    })
    if (Object.keys(metrics).length === 0) return { kind: 'asked', missing }
    this.#fromMs = window.toMs
    for (const { name } of queries) {
      if (metrics[name] !== undefined) this.#untoldSinceMs.delete(name)
      else if (!this.#untoldSinceMs.has(name)) this.#untoldSinceMs.set(name, window.fromMs)
    }
    const weight = this.#session.rollout?.weight ?? 0
    return { kind: 'asked', missing, block: { ...window, weight, metrics } }
  }

  async #read(query: MetricQuery, window: MetricWindow): Promise<MetricReading> {
    const { clock } = this.#session.scene
    const nowMs = clock.monotonicMs()
    if (this.#unanswered.has(query.name, nowMs))
      return { kind: 'no-data', why: `${this.#source.name} still owes the answer to an earlier look` }
    const { stable, candidate } = sideLabels(this.#session)
    // At 100 % there is no stable side to compare with.
    const by = { stable: this.#session.rollout?.weight === 100 ? undefined : stable, candidate }
    const answer: SourceAnswer<MetricReading> = await askSource(clock, this.#source.name, () =>
      this.#unanswered.note(query.name, nowMs, this.#source.counts(query, by, window)),
    )
    return answer.kind === 'told' ? answer.told : { kind: 'no-data', why: answer.why }
  }

  /** The end of the newest sample that is complete at a time of the source. */
  #completeAt(nowMs: number): number {
    const completeMs = nowMs - this.#source.lagMs
    return this.#source.stepMs === undefined ? completeMs : completeMs - (completeMs % this.#source.stepMs)
  }
}

function sidesOf({ stable, candidate }: Extract<MetricReading, { kind: 'samples' }>): {
  stable?: Sample
  candidate?: Sample
} {
  return { ...(stable && { stable }), ...(candidate && { candidate }) }
}
