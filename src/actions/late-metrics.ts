import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
  PastSample,
} from '../rollout/ports/metric-source.js'
import type { Selector } from '../rollout/ports/platform.js'

/**
 * Metrics whose sources are opened when they are first asked, or when a step says that it will: most steps judge nothing, and
 * going back must not fail for want of a variable that only judging needs.
 */
export class LateMetrics implements MetricSource {
  readonly #open: () => Promise<MetricSource>
  readonly #runnerTime: () => Date
  #opening: Promise<MetricSource> | undefined
  #opened: MetricSource | undefined

  /** @param runnerTime the time of a source that tells none */
  constructor(open: () => Promise<MetricSource>, runnerTime: () => Date) {
    this.#open = open
    this.#runnerTime = runnerTime
  }

  get name(): string {
    return this.#opened?.name ?? 'the source of metrics'
  }

  /** Known once it is open; `now` comes first. */
  get lagMs(): number {
    return this.#opened?.lagMs ?? 0
  }

  /** 1 ms where the source has none: any time will do. */
  get stepMs(): number {
    return this.#opened?.stepMs ?? 1
  }

  /** @throws UserError for variables that are not set, and settings that cannot be used */
  async ready(): Promise<MetricSource> {
    this.#opening ??= this.#open()
    this.#opened = await this.#opening
    return this.#opened
  }

  async now(): Promise<Date> {
    const source = await this.ready()
    return source.now?.() ?? this.#runnerTime()
  }

  async counts(
    metric: MetricQuery,
    by: { readonly stable: Selector | undefined; readonly candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading> {
    return (await this.ready()).counts(metric, by, window)
  }

  async history(
    metric: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]> {
    return (await (await this.ready()).history?.(metric, of, window, blockMs)) ?? []
  }
}
