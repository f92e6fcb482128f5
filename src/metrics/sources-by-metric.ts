import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
  PastSample,
} from '../rollout/ports/metric-source.js'
import type { Selector } from '../rollout/ports/platform.js'

/** A source and the metrics that it counts, by their names. */
export interface SourceOfMetrics {
  readonly source: MetricSource
  readonly metrics: readonly string[]
}

/**
 * Several sources as one: each metric is asked of its own, and all in the same windows. So the windows are cut by the slowest of
 * them: they end when the last source has its counts (`lagMs`), at moments at which all of them have counts (`stepMs`), by the
 * clock that is furthest behind, since no source has counts of its own future.
 */
export class SourcesByMetric implements MetricSource {
  readonly name: string
  readonly #sources: readonly MetricSource[]
  readonly #byMetric: ReadonlyMap<string, MetricSource>
  readonly #runnerTime: () => Date

  /** @param runnerTime the time of sources that tell none */
  constructor(sources: readonly SourceOfMetrics[], runnerTime: () => Date) {
    this.#sources = sources.map(({ source }) => source)
    this.#byMetric = new Map(sources.flatMap(({ source, metrics }) => metrics.map((name) => [name, source])))
    this.name = this.#sources.map(({ name }) => name).join(' and ')
    this.#runnerTime = runnerTime
  }

  /** A source may learn its own from what it is told, so it is asked each time. */
  get lagMs(): number {
    return Math.max(0, ...this.#sources.map(({ lagMs }) => lagMs))
  }

  /** The least common multiple: 15 s and 60 s make 60 s, 10 s and 15 s make 30 s. 1 ms where no source has a step. */
  get stepMs(): number {
    return this.#sources.reduce((step, { stepMs = 1 }) => leastCommonMultiple(step, Math.round(stepMs)), 1)
  }

  /** One that does not answer does not keep the others from being asked; if none does, the first says why. */
  async now(): Promise<Date> {
    const told = await Promise.allSettled(
      this.#sources.map((source) => source.now?.() ?? Promise.resolve(this.#runnerTime())),
    )
    const times = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value.getTime()] : []))
    if (times.length > 0) return new Date(Math.min(...times))
    throw told.find((one) => one.status === 'rejected')?.reason
  }

  counts(
    metric: MetricQuery,
    by: { readonly stable: Selector | undefined; readonly candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading> {
    return this.#sourceOf(metric).counts(metric, by, window)
  }

  async history(
    metric: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]> {
    return (await this.#sourceOf(metric).history?.(metric, of, window, blockMs)) ?? []
  }

  #sourceOf({ name }: MetricQuery): MetricSource {
    const source = this.#byMetric.get(name)
    if (source === undefined) throw new Error(`no source was given for metric ${name}`)
    return source
  }
}

function leastCommonMultiple(one: number, other: number): number {
  return (one / greatestCommonDivisor(one, other)) * other
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other)
}
