import { describeFigures, figuresOf } from './figures.js'
import type { AnalysisReport } from './outcome.js'
import type { Side } from './place.js'
import type { AnalysisPolicy } from './policy.js'
import type { Block, Judgement } from './ports/judge.js'
import type { MetricReading, Sample } from './ports/metric-source.js'
import type { Selector } from './ports/platform.js'
import { TransientError } from './ports/transient-error.js'
import type { Session } from './session.js'
import type { TimelineEntry } from './timeline.js'
import { routerOf, sidesOf } from './traffic.js'
import { messageOf, UserError } from './user-error.js'

/** A sample is asked for so long after it is complete, in milliseconds: no sooner than it is there, and hardly later. */
const AFTER_STEP_MS = 10

/** The evidence of a hold: for the ledger, and as figures for the timeline. */
export interface Seen {
  readonly blocks: readonly Block[]
  readonly figures: Pick<TimelineEntry, 'stable' | 'candidate'>
}

/** What a look has to show for itself: the evidence, and what a judgement was made of where there was one. */
export interface Sighting {
  readonly seen: Seen | undefined
  readonly report?: AnalysisReport
}

/** The looks of one hold: blocks of both sides' counts, judged together with what earlier steps have seen. */
export class Looking {
  readonly #session: Session
  readonly #analysis: AnalysisPolicy | undefined
  readonly #earlier: readonly Block[]
  readonly #blocks: Block[] = []
  #fromMs: number | undefined
  #report: AnalysisReport | undefined
  #noData: string | undefined
  /** How old the newest complete sample was at the last look, in milliseconds. */
  #ageMs = 0
  /** What the last look saw, in words; '' before there is anything to see. */
  sentence = ''

  constructor(session: Session, analysis: AnalysisPolicy | undefined) {
    this.#session = session
    this.#analysis = session.scene.metrics === undefined ? undefined : analysis
    this.#earlier = session.rollout?.blocks ?? []
  }

  /** The pause until the next look: moved so that it comes right after a sample is complete, and not a step later. */
  pauseOf(intervalMs: number): number {
    const step = this.#session.scene.metrics?.stepMs ?? 0
    return step === 0 || intervalMs < step ? intervalMs : intervalMs - this.#ageMs + AFTER_STEP_MS
  }

  /** What comes from now on is counted: not only what comes after the first look. */
  async begin(): Promise<void> {
    if (this.#analysis === undefined) return
    const now = await this.#now()
    const step = this.#session.scene.metrics?.stepMs ?? 1
    if (now !== undefined) this.#fromMs = Math.ceil(now / step) * step
  }

  /** Counts and judges what came since the last look; undefined where nothing is judged. */
  async look(holdOver: boolean): Promise<Judgement | undefined> {
    const analysis = this.#analysis
    if (analysis === undefined) return undefined
    const block = await this.#count(analysis)
    if (block !== undefined) this.#blocks.push(block)
    const parameters = { ...analysis.parameters, holdOver }
    const blocks = [...this.#earlier, ...this.#blocks]
    const judged = this.#session.scene.judge(parameters, blocks)
    const judgement =
      this.#noData === undefined || judged.verdict === 'fail' ? judged : withoutData(judged, this.#noData)
    this.#report = { parameters, blocks, judgement }
    this.#tell(judgement)
    return judgement
  }

  /** All that was seen so far. */
  found(): Sighting {
    const report = this.#report === undefined ? {} : { report: this.#report }
    if (this.#blocks.length === 0) return { ...report, seen: undefined }
    const stable = figuresOf(this.#blocks, 'stable')
    const candidate = figuresOf(this.#blocks, 'candidate')
    const figures = { ...(stable && { stable }), ...(candidate && { candidate }) }
    return { ...report, seen: { blocks: [...this.#earlier, ...this.#blocks], figures } }
  }

  async #count(analysis: AnalysisPolicy): Promise<Block | undefined> {
    const { metrics } = this.#session.scene
    const now = await this.#now()
    if (metrics === undefined || now === undefined) return undefined
    const completeMs = now - metrics.lagMs
    this.#ageMs = metrics.stepMs === undefined ? 0 : completeMs % metrics.stepMs
    const toMs = completeMs - this.#ageMs
    this.#fromMs ??= toMs
    const window = { fromMs: this.#fromMs, toMs }
    if (window.toMs <= window.fromMs) return undefined
    const counted = new Map<string, { stable?: Sample; candidate?: Sample }>()
    this.#noData = undefined
    for (const query of analysis.queries) {
      const reading = await this.#read(() => metrics.counts(query, this.#selectors(), window))
      if (reading.kind === 'no-data') this.#noData = `${query.name}: ${reading.why}`
      else
        counted.set(query.name, {
          ...(reading.stable && { stable: reading.stable }),
          ...(reading.candidate && { candidate: reading.candidate }),
        })
    }
    if (this.#noData !== undefined && counted.size === 0) return undefined
    this.#fromMs = toMs
    return { ...window, weight: this.#session.rollout?.weight ?? 0, metrics: Object.fromEntries(counted) }
  }

  /** The source's own time, else the runner's; undefined, which is no data, while the source does not answer. */
  async #now(): Promise<number | undefined> {
    const { metrics, clock } = this.#session.scene
    if (metrics?.now === undefined) return clock.wallTime().getTime()
    try {
      return (await metrics.now()).getTime()
    } catch (thrown) {
      if (!(thrown instanceof UserError) && !(thrown instanceof TransientError)) throw thrown
      this.#noData = messageOf(thrown)
      return undefined
    }
  }

  /** A source that does not answer is no data: inconclusive, never a pass. */
  async #read(ask: () => Promise<MetricReading>): Promise<MetricReading> {
    try {
      return await ask()
    } catch (thrown) {
      if (!(thrown instanceof UserError) && !(thrown instanceof TransientError)) throw thrown
      return { kind: 'no-data', why: messageOf(thrown) }
    }
  }

  /** By what both sides are told apart. At 100 % there is no stable side to compare with. */
  #selectors(): { readonly stable: Selector | undefined; readonly candidate: Selector } {
    const { scene, ledger, rollout } = this.#session
    const { stable, candidate } = sidesOf(scene, ledger)
    const compared = rollout?.weight === 100 ? undefined : stable
    return {
      stable: compared === undefined ? undefined : this.#labelsOf(compared),
      candidate: this.#labelsOf(candidate),
    }
  }

  /** Platform and router each say how they mark a side; a flag's variants are no places of the platform. */
  #labelsOf(side: Side): Selector {
    const { platform } = this.#session.scene
    const ofPlace = side === 'blue' || side === 'green' ? platform.selectors(side) : {}
    return { ...ofPlace, ...routerOf(this.#session.scene).selectors(side) }
  }

  #tell(judgement: Judgement): void {
    const last = this.#blocks.at(-1)
    if (last === undefined) return
    const seconds = ((last.toMs - last.fromMs) / 1000).toFixed(1)
    const blocks = [last]
    this.sentence = `${seconds} s at ${last.weight} %: stable ${describeFigures(figuresOf(blocks, 'stable'))}; candidate ${describeFigures(figuresOf(blocks, 'candidate'))}: ${judgement.verdict}`
  }
}

function withoutData(judged: Judgement, why: string): Judgement {
  return { ...judged, verdict: 'inconclusive', reason: `no data (${why})` }
}
