import type { Counts } from './closest-null.js'
import { Pearson } from './pearson.js'

/** What one pod did in one block. */
export interface PodCounts extends Counts {
  readonly pod: string
}

/** Over how long the pods' counts are added up before they are compared, in milliseconds. */
const SPANS_MS = [10_000, 60_000, 300_000] as const

/**
 * How much stable's pods differ among themselves: Pearson's chi² over its degrees of freedom, 1 on average if all pods have
 * the same share, for counts of 10, 60 and 300 seconds; the largest of the three. Pods that differ lastingly show in the long
 * spans, pods that stumble for a moment in the short ones. Only spans that are over are counted. The largest of three estimates
 * would be too large by chance alone, so each is taken less its standard error for equal pods, sqrt(2/df).
 */
export class PodDispersion {
  readonly #spans: readonly Span[]

  constructor() {
    const spans: Span[] = []
    for (const spanMs of SPANS_MS.toReversed()) spans.unshift(new Span(spanMs, spans[0]))
    this.#spans = spans
  }

  /** 0 before enough was seen. */
  get dispersion(): number {
    let largest = 0
    for (const span of this.#spans) largest = Math.max(largest, span.dispersion)
    return largest
  }

  add(pods: readonly PodCounts[], fromMs: number): void {
    this.#spans[0]?.add(pods, fromMs)
  }

  /** What pods are counted by has changed: spans that are not over yet cannot be added to. */
  forgetOpen(): void {
    for (const span of this.#spans) span.forgetOpen()
  }
}

/** Counts of one length of time; when it is over, they go on to the next longer one. */
class Span {
  readonly #spanMs: number
  readonly #longer: Span | undefined
  readonly #open = new Map<string, { requests: number; bad: number }>()
  readonly #pearson = new Pearson()
  #index = NaN

  constructor(spanMs: number, longer: Span | undefined) {
    this.#spanMs = spanMs
    this.#longer = longer
  }

  get dispersion(): number {
    return this.#pearson.dispersion
  }

  add(pods: readonly PodCounts[], fromMs: number): void {
    const index = Math.floor(fromMs / this.#spanMs)
    if (index !== this.#index) this.#close()
    this.#index = index
    for (const { pod, requests, bad } of pods) {
      const sum = this.#open.get(pod)
      if (sum === undefined) this.#open.set(pod, { requests, bad })
      else {
        sum.requests += requests
        sum.bad += bad
      }
    }
  }

  forgetOpen(): void {
    this.#open.clear()
  }

  #close(): void {
    if (this.#open.size === 0) return
    const pods = Array.from(this.#open, ([pod, counts]) => ({ pod, ...counts }))
    this.#open.clear()
    this.#pearson.compare(pods.filter(({ requests }) => requests > 0))
    this.#longer?.add(pods, this.#index * this.#spanMs)
  }
}
