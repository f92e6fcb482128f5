import type { Block } from '../ports/judge.js'
import type { MetricWindow, Sample } from '../ports/metric-source.js'
import type { MetricCounts } from './metric-counts.js'

/** One window of a hold, and the block that is made of what was told of it. */
export class CountedWindow {
  readonly window: MetricWindow
  /** The candidate's weight, in percent. */
  readonly #weight: number
  #block: Block | undefined

  constructor(window: MetricWindow, weight: number) {
    this.window = window
    this.#weight = weight
  }

  /** Undefined while nothing was told; the same object until more is. */
  block(metrics: ReadonlyMap<string, MetricCounts>): Block | undefined {
    const told = [...metrics].flatMap(([name, counts]) => {
      const reading = counts.told(this.window)
      return reading?.kind === 'samples' ? [[name, sidesOf(reading)] as const] : []
    })
    if (told.length > Object.keys(this.#block?.metrics ?? {}).length)
      this.#block = { ...this.window, weight: this.#weight, metrics: Object.fromEntries(told) }
    return this.#block
  }
}

type Sides = Readonly<Record<'stable' | 'candidate', Sample | undefined>>

function sidesOf({ stable, candidate }: Sides): { stable?: Sample; candidate?: Sample } {
  return { ...(stable && { stable }), ...(candidate && { candidate }) }
}
