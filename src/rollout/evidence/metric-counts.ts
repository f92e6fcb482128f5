import type { MetricQuery, MetricReading, MetricSource, MetricWindow } from '../ports/metric-source.js'
import type { Session } from '../session.js'
import { sideLabels } from './side-labels.js'
import { answerLimit, askSource, type SourceAnswer } from './source-answer.js'
import { Unanswered } from './unanswered.js'

/** A window that was refused so often, while others were answered, is asked for no more. */
const MOST_REFUSALS = 3

/** Windows that one look asks for at most: those that a source owes after it was away, and the newest. */
const MOST_AT_ONCE = 20

/** A window of which the source has told nothing yet. */
interface Owed {
  readonly window: MetricWindow
  asked: boolean
  refusals: number
  why: string
}

/** A window that can no longer be had, and why. */
export interface Lost {
  readonly window: MetricWindow
  readonly why: string
}

/**
 * What one metric is asked for and was told, window by window. What its source does not tell because it is away is asked for
 * again when it is back: it still has its samples. Of what it has no data the next window is to tell along: where scrapes fail
 * for a while, a counter's next value speaks of that time too.
 */
export class MetricCounts {
  readonly #session: Session
  readonly #source: MetricSource
  readonly #query: MetricQuery
  readonly #unanswered = new Unanswered()
  readonly #told = new Map<number, MetricReading>()
  /** Windows of which the source had no data, by their end: the window after it begins where the first of them does. */
  readonly #untoldSince = new Map<number, number>()
  /** Where what was told of a window begins, by the window's own beginning, if that is earlier. */
  readonly #reaching = new Map<number, number>()
  #owed: Owed[] = []
  #lost: Lost[] = []
  #isAway = false
  #work: Promise<void> | undefined
  /** When the last question was put, and how long the last answer took, in milliseconds. */
  #putMs = 0
  #tookMs = 0

  constructor(session: Session, source: MetricSource, query: MetricQuery) {
    this.#session = session
    this.#source = source.sourceOf?.(query.name) ?? source
    this.#query = query
  }

  /** Whether a question is open that an earlier look has put. */
  get isBusy(): boolean {
    return this.#work !== undefined
  }

  /** Whether an answer is to be expected soon, of a source that is slow but does answer: no window is worth opening before. */
  get setsThePace(): boolean {
    return this.isBusy && this.#session.scene.clock.monotonicMs() - this.#putMs < 2 * this.#tookMs
  }

  /** How long the last answer took, in milliseconds. */
  get tookMs(): number {
    return this.#tookMs
  }

  /** Whether there is a window of which nothing is known yet. */
  get owes(): boolean {
    return this.#owed.length > 0
  }

  /** What was told of a window; undefined while nothing was. */
  told({ fromMs }: MetricWindow): MetricReading | undefined {
    return this.#told.get(fromMs)
  }

  /** How much time what was told of a window speaks of, in milliseconds: the time before it too of which there was no data. */
  reachOf({ fromMs, toMs }: MetricWindow): number {
    return toMs - (this.#reaching.get(fromMs) ?? fromMs)
  }

  /** Why something is still owed; undefined if nothing is but an answer that is on its way. The newest window tells what is wrong now. */
  get why(): string | undefined {
    if (this.#owed.length === 1 && this.setsThePace) return undefined
    return this.#owed.at(-1)?.why
  }

  /** What was given up since this was asked last. */
  takeLost(): readonly Lost[] {
    return this.#lost.splice(0)
  }

  want(window: MetricWindow): void {
    const why = `${this.#source.name} still owes the answer to an earlier look`
    this.#owed.push({ window, asked: false, refusals: 0, why })
  }

  /** A window is asked for no more: a longer one is. */
  forget({ fromMs, toMs }: MetricWindow): void {
    this.#owed = this.#owed.filter(({ window }) => window.fromMs !== fromMs)
    this.#told.delete(fromMs)
    const sinceMs = this.#untoldSince.get(toMs) ?? fromMs
    this.#untoldSince.delete(toMs)
    if (sinceMs < fromMs) this.#untoldSince.set(fromMs, sinceMs)
  }

  /** Asks for what is owed; resolves when all of it is told, or the source is away. */
  ask(): Promise<void> {
    this.#work ??= this.#ask().finally(() => (this.#work = undefined))
    return this.#work
  }

  /** The newest first, which tells whether the source is there at all; then what it owes, oldest first. */
  async #ask(): Promise<void> {
    for (let questions = 0; questions < MOST_AT_ONCE; questions++) {
      const newest = this.#owed.at(-1)
      const isProbe = this.#isAway || newest?.asked === false
      const next = isProbe ? newest : this.#owed[0]
      if (next === undefined) return
      next.asked = true
      const answer = await this.#put(this.#withUntold(next.window))
      if (answer.kind === 'told') {
        this.#isAway = false
        this.#tookMs = this.#session.scene.clock.monotonicMs() - this.#putMs
        this.#owed = this.#owed.filter((owed) => owed !== next)
        this.#keep(next.window, answer.told)
        continue
      }
      next.why = answer.why
      if (isProbe) this.#isAway = true
      else this.#refused(next)
      return
    }
  }

  /** The window, and the time right before it of which there was no data. */
  #withUntold({ fromMs, toMs }: MetricWindow): MetricWindow {
    return { fromMs: this.#untoldSince.get(fromMs) ?? fromMs, toMs }
  }

  #keep(window: MetricWindow, reading: MetricReading): void {
    const { fromMs } = this.#withUntold(window)
    this.#untoldSince.delete(window.fromMs)
    if (reading.kind === 'no-data') this.#untoldSince.set(window.toMs, fromMs)
    else if (fromMs < window.fromMs) this.#reaching.set(window.fromMs, fromMs)
    this.#told.set(window.fromMs, reading)
  }

  #refused(owed: Owed): void {
    owed.refusals++
    if (owed.refusals < MOST_REFUSALS) return
    this.#owed = this.#owed.filter((one) => one !== owed)
    this.#lost.push({ window: owed.window, why: owed.why })
  }

  async #put(window: MetricWindow): Promise<SourceAnswer<MetricReading>> {
    const { clock } = this.#session.scene
    const { name } = this.#query
    const nowMs = clock.monotonicMs()
    if (this.#unanswered.has(name, nowMs))
      return { kind: 'silent', why: `${this.#source.name} still owes the answer to an earlier look` }
    this.#putMs = nowMs
    const { stable, candidate } = sideLabels(this.#session)
    // At 100 % there is no stable side to compare with.
    const by = { stable: this.#session.rollout?.weight === 100 ? undefined : stable, candidate }
    return askSource(clock, this.#source.name, answerLimit(this.#source), () =>
      this.#unanswered.note(name, nowMs, this.#source.counts(this.#query, by, window)),
    )
  }
}
