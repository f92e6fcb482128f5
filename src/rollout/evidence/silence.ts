import { formatDuration } from '../duration.js'
import { isEmpty } from './empty-sample.js'
import type { Block } from '../ports/judge.js'

/**
 * Since when each metric has told nothing of the candidate: the source failed, had no series, or counted no request. Times
 * are those of the monotonic clock, in milliseconds.
 */
export class Silence {
  readonly #heardMs = new Map<string, number>()

  /** @param firstMs from when on anything may have been told: counts are complete some time after what they count */
  constructor(metrics: Iterable<string>, firstMs: number) {
    for (const name of metrics) this.#heardMs.set(name, firstMs)
  }

  /** A block has come: its metrics are silent no more, as far as they counted anything of the candidate. */
  heard({ metrics }: Block, nowMs: number): void {
    for (const name of this.#heardMs.keys()) {
      const candidate = metrics[name]?.candidate
      if (candidate !== undefined && !isEmpty(candidate)) this.#heardMs.set(name, nowMs)
    }
  }

  /** Which metrics have been silent for as long as the limit; undefined if none has. */
  over(limitMs: number, nowMs: number): string | undefined {
    const silent = [...this.#heardMs].filter(([, heardMs]) => nowMs - heardMs >= limitMs)
    if (silent.length === 0) return undefined
    const longestMs = nowMs - Math.min(...silent.map(([, heardMs]) => heardMs))
    const names = silent.map(([name]) => name).join(', ')
    return `no data of the candidate for ${formatDuration(longestMs)} (${names}); allowed: ${formatDuration(limitMs)}`
  }
}
