import type { Block } from '../ports/judge.js'
import type { MetricQuery, MetricSource, MetricWindow } from '../ports/metric-source.js'
import type { Session } from '../session.js'
import { CountedWindow } from './counted-window.js'
import { MetricCounts, type Lost } from './metric-counts.js'
import type { Missing } from './missing.js'
import type { SourceAnswer } from './source-answer.js'
import { sourceTime } from './source-clock.js'

/** A sample is asked for so long after it is complete, in milliseconds: no sooner than it is there, and hardly later. */
const AFTER_STEP_MS = 10

/**
 * A look waits no longer for answers, in milliseconds: it goes on with what was told, and what comes later belongs to the
 * next. Somewhat more than a source is given that does not say how long it may take.
 */
const LOOK_MS = 11_000

/** What a look was told. */
export type Counted =
  /** No sample has become complete since the last look, and none is owed. */
  | { readonly kind: 'nothing-new' }
  | {
      readonly kind: 'asked'
      /** All of the hold, oldest first; a block that was told more of since the last look is another object. */
      readonly blocks: readonly Block[]
      readonly missing: readonly Missing[]
      /** What is missing for good, by metric. */
      readonly lost: readonly Missing[]
    }

/** A moment by the source's clock, and the same by the runner's monotonic one, in milliseconds. */
interface Moment {
  readonly toldMs: number
  readonly atMs: number
}

/**
 * Counts both sides in windows that lie side by side, from when it begins. Each metric is asked of each window: what a source
 * fails to tell while others do, it is asked for again. The source's clock is believed once; from then on time passes as the
 * runner's monotonic clock says, so that a clock that is set in mid-hold leaves no time out.
 */
export class Counting {
  readonly #session: Session
  readonly #source: MetricSource
  readonly #metrics = new Map<string, MetricCounts>()
  readonly #windows: CountedWindow[] = []
  /** When the hold began, by the monotonic clock, in milliseconds. */
  #beganMs: number | undefined
  #believed: Moment | undefined
  /** Where the next window begins, in the source's time. */
  #fromMs: number | undefined
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
    this.#beganMs ??= this.#session.scene.clock.monotonicMs()
    const now = await this.#time()
    return now.kind === 'silent' ? now : { kind: 'told', told: this.#completeAt(now.told) }
  }

  /** How much of the hold a metric was told, and how long ago that ends, in milliseconds; where a source is slow, less what all wait for it. */
  toldOf(name: string): { readonly forMs: number; readonly agoMs: number } {
    const counts = this.#metrics.get(name)
    const elapsedMs = this.#elapsedMs()
    const told = this.#windows.filter(({ window }) => counts?.told(window)?.kind === 'samples')
    const untilMs = told.at(-1)?.window.toMs
    if (counts === undefined || untilMs === undefined) return { forMs: 0, agoMs: elapsedMs }
    const forMs = told.reduce((sum, { window }) => sum + counts.reachOf(window), 0)
    const slowestMs = Math.max(...[...this.#metrics.values()].map(({ tookMs }) => tookMs))
    return { forMs, agoMs: Math.max(0, this.#nowMs(untilMs) - untilMs - 2 * slowestMs) }
  }

  /** Counts what came since the last look: all metrics at once, in the same window; and what is still owed of earlier ones. */
  async next(queries: readonly MetricQuery[]): Promise<Counted> {
    const now = await this.#time()
    if (now.kind === 'silent') return this.#told(queries.map(({ name }) => ({ name, why: now.why })))
    for (const query of queries)
      if (!this.#metrics.has(query.name))
        this.#metrics.set(query.name, new MetricCounts(this.#session, this.#source, query))
    const metrics = [...this.#metrics.values()]
    this.#closeUntold(metrics)
    const newWindow = this.#newWindow(now.told)
    const isTooSoon = metrics.some((counts) => counts.setsThePace) || metrics.every(({ isBusy }) => isBusy)
    const window = isTooSoon ? undefined : newWindow
    if (window === undefined && !metrics.some(({ owes }) => owes)) return { kind: 'nothing-new' }
    if (window !== undefined) this.#open(window)
    await this.#answers(metrics)
    const missing = [...this.#metrics].flatMap(([name, counts]) => this.#missing(name, counts))
    this.#closeUntold(metrics)
    return this.#told(missing)
  }

  /** The source's time. That it does not tell it now is told too: it is away then, and what it counts is asked for later. */
  async #time(): Promise<SourceAnswer<number>> {
    const now = await sourceTime(this.#session, this.#source)
    if (now.kind === 'silent') return now
    const atMs = this.#session.scene.clock.monotonicMs()
    this.#believed ??= { toldMs: now.told, atMs }
    return { kind: 'told', told: this.#nowMs(now.told) }
  }

  /** What the source's clock shows, as far as it was believed. */
  #nowMs(otherwise: number): number {
    if (this.#believed === undefined) return otherwise
    const { toldMs, atMs } = this.#believed
    return toldMs + this.#session.scene.clock.monotonicMs() - atMs
  }

  /** How long the hold has lasted, in milliseconds. */
  #elapsedMs(): number {
    const nowMs = this.#session.scene.clock.monotonicMs()
    return nowMs - (this.#beganMs ?? nowMs)
  }

  /** Where the first window begins: when the hold did, but after what earlier steps have counted. */
  #start(nowMs: number): number {
    const step = this.#source.stepMs ?? 1
    const countedMs = this.#session.rollout?.blocks.at(-1)?.toMs ?? 0
    return Math.ceil(Math.max(nowMs - this.#elapsedMs(), countedMs) / step) * step
  }

  /** What is complete by now and was not asked for yet. */
  #newWindow(nowMs: number): MetricWindow | undefined {
    const toMs = this.#completeAt(nowMs)
    this.#ageMs = nowMs - this.#source.lagMs - toMs
    this.#fromMs ??= this.#start(nowMs)
    return toMs > this.#fromMs ? { fromMs: this.#fromMs, toMs } : undefined
  }

  #open(window: MetricWindow): void {
    this.#windows.push(new CountedWindow(window, this.#session.rollout?.weight ?? 0))
    for (const counts of this.#metrics.values()) counts.want(window)
    this.#fromMs = window.toMs
  }

  /** A metric that still owes an earlier look its answer is not waited for: the others are looked at in time. */
  async #answers(metrics: readonly MetricCounts[]): Promise<void> {
    const over = new AbortController()
    const free = metrics.filter(({ isBusy }) => !isBusy)
    try {
      const late = this.#session.scene.clock.sleep(LOOK_MS, over.signal)
      await Promise.race([Promise.all(free.map((counts) => counts.ask())), late])
    } finally {
      over.abort()
    }
  }

  /** Why a metric cannot be judged by all that there is: a window is still owed, or there was nothing in the last that was told. */
  #missing(name: string, counts: MetricCounts): readonly Missing[] {
    const last = this.#windows.findLast(({ window }) => counts.told(window) !== undefined)
    const told = last && counts.told(last.window)
    const why = counts.why ?? (told?.kind === 'no-data' ? told.why : undefined)
    return why === undefined ? [] : [{ name, why }]
  }

  /** Time of which no metric was told anything is counted by the next look, in one window with what comes after. */
  #closeUntold(metrics: readonly MetricCounts[]): void {
    const newest = this.#windows.at(-1)
    if (newest === undefined || metrics.some(({ isBusy }) => isBusy)) return
    if (newest.block(this.#metrics) !== undefined) return
    this.#windows.pop()
    this.#fromMs = newest.window.fromMs
    for (const counts of metrics) counts.forget(newest.window)
  }

  #told(missing: readonly Missing[]): Counted {
    const blocks = this.#windows.flatMap((window) => window.block(this.#metrics) ?? [])
    const lost = [...this.#metrics].flatMap(([name, counts]) => lostOf(name, counts.takeLost()))
    return { kind: 'asked', blocks, missing, lost }
  }

  /** The end of the newest sample that is complete at a time of the source. */
  #completeAt(nowMs: number): number {
    const completeMs = nowMs - this.#source.lagMs
    return this.#source.stepMs === undefined ? completeMs : completeMs - (completeMs % this.#source.stepMs)
  }
}

function lostOf(name: string, lost: readonly Lost[]): readonly Missing[] {
  const [first, last] = [lost[0], lost.at(-1)]
  if (first === undefined || last === undefined) return []
  const [from, to] = [first.window.fromMs, last.window.toMs].map((ms) =>
    new Date(ms).toISOString().slice(11, 19),
  )
  return [{ name, why: `what happened between ${from} and ${to} UTC is missing for good: ${last.why}` }]
}
