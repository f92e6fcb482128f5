import {
  DEFAULT_ANSWER_MS,
  type MetricQuery,
  type MetricReading,
  type MetricSource,
  type MetricWindow,
  type PastSample,
} from '../rollout/ports/metric-source.js'
import type { Selector } from '../rollout/ports/platform.js'
import { ClocksOfSources } from './several/clocks-of-sources.js'
import { commonStep, refuseOddSteps } from './several/common-step.js'

/** A source and the metrics that it counts, by their names. */
export interface SourceOfMetrics {
  readonly source: MetricSource
  readonly metrics: readonly string[]
}

/**
 * Several sources as one: each metric is asked of its own, and all in the same windows. So the windows are cut by the slowest of
 * them: they end when the last source has its counts (`lagMs`), at moments at which all of them have counts (`commonStep`), by the
 * clock that is furthest behind.
 */
export class SourcesByMetric implements MetricSource {
  readonly name: string
  readonly #sources: readonly MetricSource[]
  readonly #byMetric: ReadonlyMap<string, MetricSource>
  readonly #clocks: ClocksOfSources

  /**
   * @param runnerTime the time of sources that tell none
   * @throws UserError for sources that hardly ever have counts at the same moment
   */
  constructor(sources: readonly SourceOfMetrics[], runnerTime: () => Date) {
    this.#sources = sources.map(({ source }) => source)
    this.#byMetric = new Map(sources.flatMap(({ source, metrics }) => metrics.map((name) => [name, source])))
    this.name = this.#sources.map(({ name }) => name).join(' and ')
    this.#clocks = new ClocksOfSources(this.#sources, runnerTime)
    refuseOddSteps(this.#sources)
  }

  /** A source may learn its own from what it is told, so it is asked each time. */
  get lagMs(): number {
    return Math.max(0, ...this.#sources.map(({ lagMs }) => lagMs))
  }

  /** As `lagMs`, asked each time. 1 ms where no source has a step. */
  get stepMs(): number {
    return commonStep(this.#sources)
  }

  /** As long as the slowest may take. */
  get answerMs(): number {
    return Math.max(...this.#sources.map(({ answerMs = DEFAULT_ANSWER_MS }) => answerMs))
  }

  sourceOf(metric: string): MetricSource {
    const source = this.#byMetric.get(metric)
    if (source === undefined) throw new Error(`no source was given for metric ${metric}`)
    return source
  }

  /** One that does not answer does not keep the others from being asked; if none does, the first says why. */
  now(): Promise<Date> {
    return this.#clocks.now()
  }

  /** Why there is no data names the source: two may be of one kind. */
  async counts(
    metric: MetricQuery,
    by: { readonly stable: Selector | undefined; readonly candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading> {
    const source = this.sourceOf(metric.name)
    const reading = await source.counts(metric, by, window)
    if (reading.kind === 'samples' || reading.why.includes(source.name)) return reading
    return { kind: 'no-data', why: `${source.name}: ${reading.why}` }
  }

  async history(
    metric: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]> {
    return (await this.sourceOf(metric.name).history?.(metric, of, window, blockMs)) ?? []
  }
}
