import { formatDuration } from '../duration.js'
import { Counting } from './counting.js'
import { isEmpty } from './empty-sample.js'
import { EarlierBlocks } from './earlier-blocks.js'
import { figuresOf } from './figures.js'
import { lookLine } from './look-line.js'
import { describeMissing } from './missing.js'
import type { AnalysisReport } from '../outcome.js'
import type { AnalysisPolicy } from '../policy.js'
import type { Bake, Block, Judgement, MetricRule } from '../ports/judge.js'
import type { MetricQuery } from '../ports/metric-source.js'
import type { Session } from '../session.js'
import { Silence } from './silence.js'
import type { TimelineEntry } from '../timeline.js'
import { judgedWithoutData } from './without-data.js'

/** How long before the end of a hold counts may end beyond what they always do, in milliseconds: looks and answers take time. */
const LATEST_MS = 20_000

/** The evidence of a hold: for the ledger, and as figures for the timeline. */
export interface Seen {
  readonly blocks: readonly Block[]
  readonly figures: Pick<TimelineEntry, 'stable' | 'candidate'>
}

/** What a look has to show for itself: the evidence, and what a judgement was made of where there was one. */
export interface Sighting {
  readonly seen: Seen | undefined
  readonly report?: AnalysisReport
  /** The last look in words; absent before there was anything to see. */
  readonly lastLook?: string
}

/** What is judged in a hold, once it is known what there is to compare with. */
interface Judging {
  bake: Bake
  readonly parameters: AnalysisPolicy['parameters']
  readonly queries: readonly MetricQuery[]
  /** The metrics that are not only reported. */
  readonly decisive: ReadonlySet<string>
  readonly silence: Silence
}

/** The looks of one hold: blocks of both sides' counts, judged together with what was seen before. */
export class Looking {
  readonly #session: Session
  readonly #analysis: AnalysisPolicy | undefined
  readonly #counting: Counting | undefined
  readonly #earlier: EarlierBlocks
  #blocks: readonly Block[] = []
  #judging: Judging | undefined
  #report: AnalysisReport | undefined
  #noData: string | undefined
  /** What the last look saw, in words; '' before there is anything to see. */
  sentence = ''

  constructor(session: Session, analysis: AnalysisPolicy | undefined) {
    const { metrics } = session.scene
    this.#session = session
    this.#analysis = metrics === undefined ? undefined : analysis
    this.#counting = metrics === undefined ? undefined : new Counting(session, metrics)
    this.#earlier = new EarlierBlocks(session, metrics)
  }

  /** The metrics that are asked for; none before it has begun, and none where there is nothing to judge by. */
  get metrics(): readonly string[] {
    const hoped = this.#earlier.unknown === undefined ? [] : (this.#analysis?.queries ?? [])
    return (this.#judging?.queries ?? hoped).map(({ name }) => name)
  }

  pauseOf(intervalMs: number): number {
    return this.#counting?.pauseOf(intervalMs) ?? intervalMs
  }

  /** What comes from now on is counted: not only what comes after the first look. */
  async begin(): Promise<void> {
    const analysis = this.#analysis
    if (analysis === undefined || this.#counting === undefined) return
    await this.#earlier.lookBack(analysis, await this.#counting.begin())
    this.#judging = await this.#judgingBy(analysis)
  }

  /** Counts and judges what came since the last look; undefined where nothing is judged. */
  async look(holdOver: boolean, heldMs: number): Promise<Judgement | undefined> {
    if (this.#judging === undefined && this.#earlier.unknown !== undefined) await this.begin()
    const judging = this.#judging
    if (judging === undefined)
      return this.#earlier.unknown === undefined ? undefined : unjudged(this.#earlier.unknown)
    await this.#count(judging)
    // Without data a hold is never over, nor is anything proven: not even what was counted before may pass then.
    const unseen = this.#noData ?? this.#uncounted(judging.decisive, heldMs)
    const over = holdOver && unseen === undefined
    const judged = judging.bake.judgement(over)
    const lacking = holdOver || judged.early === true ? unseen : this.#noData
    const judgement = judgedWithoutData(judged, lacking)
    const blocks = [...this.#earlier.blocks, ...this.#blocks]
    const noData = lacking === undefined ? {} : { noData: lacking }
    this.#report = { parameters: { ...judging.parameters, holdOver: over }, blocks, judgement, ...noData }
    this.#tell(judgement, lacking)
    return judgement
  }

  /** In how many milliseconds from its beginning a hold is told its first counts, at the latest; 0 where nothing is asked for. */
  get firstCountsMs(): number {
    return this.metrics.length === 0 ? 0 : (this.#counting?.firstCountsMs ?? 0)
  }

  /**
   * Why this hold has not been counted itself: what others counted before it cannot pass it, nor can its beginning alone. Each
   * metric that decides must have been told of half of its time at least, of its end, and of a request of the candidate.
   */
  #uncounted(decisive: ReadonlySet<string>, heldMs: number): string | undefined {
    const counting = this.#counting
    if (counting === undefined) return undefined
    const { firstCountsMs } = counting
    const withinMs = firstCountsMs + Math.min(heldMs / 2, LATEST_MS)
    const lacks = [...decisive].map((name) => {
      const { forMs, agoMs } = counting.toldOf(name)
      if (forMs === 0)
        return `${name}: nothing was counted in this hold yet, first counts come after up to ${formatDuration(firstCountsMs)}`
      if (forMs < (heldMs - firstCountsMs) / 2)
        return `${name}: only ${formatDuration(forMs)} of ${formatDuration(heldMs)} were counted`
      if (agoMs > withinMs) return `${name}: nothing was counted for ${formatDuration(agoMs)}`
      const requests = this.#blocks.map(({ metrics }) => metrics[name]?.candidate)
      return requests.every((sample) => sample === undefined || isEmpty(sample))
        ? `${name}: no data of the candidate in this hold`
        : undefined
    })
    return lacks.find((lack) => lack !== undefined)
  }

  /** Why no data has come for longer than the policy allows; undefined while it may be waited for. */
  get tooSilent(): string | undefined {
    const limitMs = this.#analysis?.noDataTimeoutMs
    if (limitMs === undefined) return undefined
    // Between two windows nothing can be told.
    const untoldMs = this.#session.scene.metrics?.stepMs ?? 0
    const silent = this.#judging?.silence.over(limitMs, this.#session.scene.clock.monotonicMs() - untoldMs)
    return silent === undefined || this.#noData === undefined ? silent : `${silent}: ${this.#noData}`
  }

  /** What was counted, by earlier steps too, for the ledger; undefined where this hold has counted nothing yet. */
  get evidence(): readonly Block[] | undefined {
    return this.#blocks.length === 0 ? undefined : [...this.#earlier.blocks, ...this.#blocks]
  }

  /** All that was seen so far. */
  found(): Sighting {
    const judged = {
      ...(this.#report && { report: this.#report }),
      ...(this.sentence !== '' && { lastLook: this.sentence }),
    }
    const blocks = this.evidence
    if (blocks === undefined) return { ...judged, seen: undefined }
    const stable = figuresOf(this.#blocks, 'stable')
    const candidate = figuresOf(this.#blocks, 'candidate')
    const figures = { ...(stable && { stable }), ...(candidate && { candidate }) }
    return { ...judged, seen: { blocks, figures } }
  }

  async #judgingBy(analysis: AnalysisPolicy): Promise<Judging | undefined> {
    const rules = this.#rulesOf(analysis)
    if (rules.length === 0) return undefined
    const { scene } = this.#session
    const { score, ...others } = analysis.parameters
    const isScored = rules.some(({ method }) => method === 'mann-whitney')
    const parameters = { ...others, ...(isScored && score !== undefined && { score }), rules }
    const queries = analysis.queries.filter(({ name }) => rules.some((rule) => rule.name === name))
    const bake = await this.#bakeOf(parameters, [])
    const decisive = new Set(rules.filter((rule) => rule.threshold?.dryRun !== true).map(({ name }) => name))
    const firstMs = scene.clock.monotonicMs() + (this.#counting?.firstCountsMs ?? 0)
    return { bake, parameters, queries, decisive, silence: new Silence(decisive, firstMs) }
  }

  /**
   * Where stable has no requests (first release, weight 100) and no record either, only absolute limits can be judged. Mann and
   * Whitney's test compares what both did in the same minutes, of which there are none then.
   */
  #rulesOf({ parameters: { rules } }: AnalysisPolicy): readonly MetricRule[] {
    const { ledger, rollout } = this.#session
    if (ledger.stable !== undefined && rollout?.weight !== 100) return rules
    const alone = rules.filter(({ method }) => method !== 'mann-whitney')
    return this.#earlier.speakOfStable ? alone : alone.filter(({ limit }) => limit !== undefined)
  }

  async #bakeOf(parameters: AnalysisPolicy['parameters'], blocks: readonly Block[]): Promise<Bake> {
    const bake = await this.#session.scene.judge(parameters)
    for (const block of [...this.#earlier.blocks, ...blocks]) bake.add(block)
    return bake
  }

  async #count(judging: Judging): Promise<void> {
    const { queries, decisive, silence } = judging
    const counted = await this.#counting?.next(queries)
    if (counted === undefined || counted.kind === 'nothing-new') return
    const { clock, narrator } = this.#session.scene
    for (const { name, why } of counted.lost) narrator.say(`${name}: ${why}`)
    const missing = counted.missing.filter(({ name }) => decisive.has(name))
    this.#noData = missing.length === 0 ? undefined : describeMissing(missing)
    const before = new Set(this.#blocks)
    const told = counted.blocks.filter((block) => !before.has(block))
    const isLater = this.#blocks.every((block, index) => block === counted.blocks[index])
    this.#blocks = counted.blocks
    for (const block of told) silence.heard(block, clock.monotonicMs())
    // What is told of an earlier window belongs before what came after it.
    if (isLater) for (const block of told) judging.bake.add(block)
    else judging.bake = await this.#bakeOf(judging.parameters, this.#blocks)
  }

  #tell(judgement: Judgement, lacking: string | undefined): void {
    const last = this.#blocks.at(-1)
    if (lacking !== undefined) this.sentence = `${judgement.verdict}, ${judgement.reason}`
    else if (last !== undefined) this.sentence = lookLine(last, judgement)
  }
}

/** Where only stable's past could be judged by, and the source fails to tell it. */
function unjudged(why: string): Judgement {
  return { verdict: 'inconclusive', reason: `no data (what stable did before: ${why})`, metrics: [] }
}
