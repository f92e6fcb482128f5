import { withoutStrings } from './place-in-promql.js'
import type { SidePieces } from './pieces.js'
import type { Series } from './series.js'

/** So many requests without one series of bad ones are worth a word. */
const ENOUGH_REQUESTS = 100

/** Where people are told: a mistake that is certain, or what may be one. */
export interface Told {
  readonly warn: (line: string) => void
  readonly note: (line: string) => void
}

interface SoFar {
  requests: number
  /** Whether a series of bad ones was ever there, or it was told that none was. */
  done: boolean
}

/**
 * Says once for each metric that no series was ever selected by `bad`, on either side, while there were requests: then no error is
 * counted, which is right of a service that made none, and wrong where a label is mistyped.
 */
export class SilentBad {
  readonly #told: Told
  readonly #metrics = new Map<string, SoFar>()

  constructor(told: Told) {
    this.#told = told
  }

  /**
   * @param what the metric, in messages: `metric errors`
   * @param bad one of its selectors, filled in
   */
  look(what: string, requests: string, bad: string, sides: readonly SidePieces[]): void {
    const soFar = this.#metrics.get(what) ?? { requests: 0, done: false }
    this.#metrics.set(what, soFar)
    if (soFar.done) return
    soFar.requests += sides.flatMap(({ pieces }) => pieces).reduce((sum, one) => sum + countOf(one), 0)
    soFar.done = sides.some(({ beside }) => beside.samples.length > 0)
    if (soFar.done || soFar.requests < ENOUGH_REQUESTS) return
    soFar.done = true
    const silent = `${what}: no series match bad on either side, so that 0 errors are counted of ${soFar.requests} requests`
    const series = sides.flatMap(({ main }) => main.samples)
    const strange = nameIn(bad) === nameIn(requests) ? labelsIn(bad).filter(missingIn(series)) : []
    if (strange.length === 0) {
      this.#told.note(`${silent}; if there ever were errors, look at the name and the labels of ${bad}`)
      return
    }
    const known = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))]
    const labels = known.filter((label) => label !== '__name__').sort()
    this.#told.warn(
      `${silent}: ${nameIn(bad)} has no label ${strange.join(', ')}; it has ${labels.join(', ')}`,
    )
  }
}

function countOf(piece: SidePieces['pieces'][number]): number {
  return piece.kind === 'share' ? piece.requests : 0
}

function nameIn(selector: string): string {
  return /^[^{\s]*/.exec(selector)?.[0] ?? ''
}

/** The labels that a selector wants to have a value. */
function labelsIn(selector: string): readonly string[] {
  const matchers = withoutStrings(selector).matchAll(/([A-Za-z_]\w*)\s*=/g)
  return [...matchers].map(([, label = '']) => label).filter((label) => label !== '__name__')
}

function missingIn(series: readonly Series[]): (label: string) => boolean {
  return (label) => !series.some(({ labels }) => Object.hasOwn(labels, label))
}
