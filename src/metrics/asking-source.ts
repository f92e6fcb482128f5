import {
  DEFAULT_ANSWER_MS,
  type MetricQuery,
  type MetricReading,
  type MetricSource,
  type MetricWindow,
  type PastSample,
} from '../rollout/ports/metric-source.js'
import type { Selector } from '../rollout/ports/platform.js'

/** Labels by the part that a slot has in the rollout. */
export interface Roles {
  readonly stable: Selector
  readonly candidate: Selector
}

/** What is known of a source beside itself. */
export interface Asking {
  /** What each metric asks, by its name. */
  readonly queries: Readonly<Record<string, MetricQuery['settings']>>
  readonly roles?: Roles | undefined
  /** The time of a source that tells none. */
  readonly runnerTime: () => Date
}

/**
 * A source that is told what each metric asks. The core knows metrics by their names alone: what stands in their queries, with
 * variables filled in, comes no further than here.
 */
export class AskingSource implements MetricSource {
  readonly name: string
  readonly #source: MetricSource
  readonly #queries: Readonly<Record<string, MetricQuery['settings']>>
  readonly #roles: Roles | undefined
  readonly #runnerTime: () => Date

  constructor(source: MetricSource, { queries, roles, runnerTime }: Asking) {
    this.name = source.name
    this.#source = source
    this.#queries = queries
    this.#roles = roles
    this.#runnerTime = runnerTime
  }

  get lagMs(): number {
    return this.#source.lagMs
  }

  /** 1 ms where the source has none: any time will do. */
  get stepMs(): number {
    return this.#source.stepMs ?? 1
  }

  get anyMoment(): boolean {
    return this.#source.anyMoment ?? this.#source.stepMs === undefined
  }

  get answerMs(): number {
    return this.#source.answerMs ?? DEFAULT_ANSWER_MS
  }

  historyAnswerMs(windows: number): number {
    return this.#source.historyAnswerMs?.(windows) ?? this.answerMs
  }

  async now(): Promise<Date> {
    return this.#source.now?.() ?? this.#runnerTime()
  }

  counts(
    metric: MetricQuery,
    { stable, candidate }: { readonly stable: Selector | undefined; readonly candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading> {
    const by = {
      stable: stable === undefined ? undefined : { ...stable, ...this.#roles?.stable },
      candidate: { ...candidate, ...this.#roles?.candidate },
    }
    return this.#source.counts(this.#asking(metric), by, window)
  }

  /** What a slot did before the rollout, it did as stable. */
  async history(
    metric: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]> {
    const stable = { ...of, ...this.#roles?.stable }
    return (await this.#source.history?.(this.#asking(metric), stable, window, blockMs)) ?? []
  }

  #asking(metric: MetricQuery): MetricQuery {
    const settings = this.#queries[metric.name]
    return settings === undefined ? metric : { ...metric, settings }
  }
}
