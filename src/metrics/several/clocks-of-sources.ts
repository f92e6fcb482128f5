import type { MetricSource } from '../../rollout/ports/metric-source.js'
import { TransientError } from '../../rollout/ports/transient-error.js'

/** Sources whose clocks are so far apart, in milliseconds, have no common windows: five minutes, less what whole seconds and the way may lose. */
const APART_MS = 295_000

/**
 * The time of several sources: that of the clock which is furthest behind, since no source has counts of its own future. Once one
 * has told its time, those that are slow to tell theirs again, or are away, are not waited for: what they told before holds
 * until they do.
 */
export class ClocksOfSources {
  readonly #sources: readonly MetricSource[]
  readonly #runnerTime: () => Date
  /** By how much each source's clock is ahead of the runner's, in milliseconds. */
  readonly #aheadMs = new Map<MetricSource, number>()
  readonly #asking = new Map<MetricSource, Promise<void>>()

  constructor(sources: readonly MetricSource[], runnerTime: () => Date) {
    this.#sources = sources
    this.#runnerTime = runnerTime
  }

  /** @throws what the first source threw if none tells its time; TransientError if two are five minutes apart */
  async now(): Promise<Date> {
    const asked = this.#sources.map((source) => this.#ask(source))
    if (this.#aheadMs.size === 0) {
      const told = await Promise.allSettled(asked)
      if (this.#aheadMs.size === 0) throw told.find((one) => one.status === 'rejected')?.reason
    }
    for (const one of asked) one.catch(() => undefined)
    const clocks = [...this.#aheadMs].toSorted(([, one], [, other]) => one - other)
    const [behind, ahead] = [clocks[0], clocks.at(-1)]
    if (behind === undefined || ahead === undefined) throw new Error('there is no source to ask for the time')
    refuseApart(behind, ahead)
    return new Date(this.#runnerTime().getTime() + behind[1])
  }

  /** A source that still owes the answer is not asked again. */
  #ask(source: MetricSource): Promise<void> {
    const before = this.#asking.get(source)
    if (before !== undefined) return before
    const asking = this.#learn(source).finally(() => this.#asking.delete(source))
    this.#asking.set(source, asking)
    return asking
  }

  async #learn(source: MetricSource): Promise<void> {
    const told = (await source.now?.()) ?? this.#runnerTime()
    this.#aheadMs.set(source, told.getTime() - this.#runnerTime().getTime())
  }
}

function refuseApart(
  [slow, slowMs]: readonly [MetricSource, number],
  [fast, fastMs]: readonly [MetricSource, number],
): void {
  const apartMs = fastMs - slowMs
  if (apartMs < APART_MS) return
  const apart = `${Math.round(apartMs / 1_000)} s`
  throw new TransientError(
    `the clock of ${fast.name} is ${apart} ahead of that of ${slow.name}; set the wrong one right`,
  )
}
