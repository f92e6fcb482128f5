import { LATENCY_EDGES_MS, latencyIndex } from './latency-edges.js'

/** Seconds that are kept one by one. */
export const SERIES_SECONDS = 30 * 60

const CLASSES = 5
const ERRORS = CLASSES
const LATENCY = ERRORS + 1
/** Numbers kept for a second: five status classes, errors, and the latency counts (one more than there are edges). */
const WIDTH = LATENCY + LATENCY_EDGES_MS.length + 1

/** Sums of numbers of one series, in the order in which a second keeps them. */
export class AnswerSums {
  private readonly row: Float64Array

  constructor(row: Float64Array = new Float64Array(WIDTH)) {
    this.row = row
  }

  /** Answers with a status from `kind` × 100 on: 1 to 5. */
  ofClass(kind: 1 | 2 | 3 | 4 | 5): number {
    return this.row[kind - 1] ?? 0
  }

  get requests(): number {
    return this.row.subarray(0, CLASSES).reduce((sum, count) => sum + count, 0)
  }

  get errors(): number {
    return this.row[ERRORS] ?? 0
  }

  /** Answers by latency: one count for each edge and one beyond the last. */
  get latency(): number[] {
    return [...this.row.subarray(LATENCY)]
  }

  add(other: ArrayLike<number>, from = 0): void {
    for (let at = 0; at < WIDTH; at++) this.row[at] = (this.row[at] ?? 0) + (other[from + at] ?? 0)
  }
}

/** What one version answered in one place: in all, and second by second for the last 30 minutes. */
export class AnswerSeries {
  private readonly totals = new Float64Array(WIDTH)
  private readonly seconds = new Uint32Array(SERIES_SECONDS * WIDTH)
  /** Which second of wall time each part of the ring holds. */
  private readonly secondOf = new Float64Array(SERIES_SECONDS).fill(-1)
  private lastMs = 0
  private millisecondsSum = 0

  /** Counts an answer at the moment when it ended. */
  record(status: number, failed: boolean, latencyMs: number, nowMs: number): void {
    const kind = Math.min(Math.max(Math.floor(status / 100), 1), CLASSES) - 1
    const latency = LATENCY + latencyIndex(latencyMs)
    const start = this.second(Math.floor(nowMs / 1_000))
    this.count(start, kind)
    this.count(start, latency)
    if (failed) this.count(start, ERRORS)
    this.millisecondsSum += latencyMs
    this.lastMs = nowMs
  }

  private count(start: number, column: number): void {
    this.totals[column] = (this.totals[column] ?? 0) + 1
    this.seconds[start + column] = (this.seconds[start + column] ?? 0) + 1
  }

  /** Where the numbers of a second begin; an older second there is cleared. */
  private second(second: number): number {
    const at = second % SERIES_SECONDS
    if (this.secondOf[at] !== second) {
      this.secondOf[at] = second
      this.seconds.fill(0, at * WIDTH, (at + 1) * WIDTH)
    }
    return at * WIDTH
  }

  /** Adds the whole seconds from `fromMs` (included) to `toMs` (not included), both cut down to a second. */
  addWindow(sums: AnswerSums, fromMs: number, toMs: number): void {
    const end = Math.floor(toMs / 1_000)
    const start = Math.max(Math.floor(fromMs / 1_000), end - SERIES_SECONDS)
    for (let second = start; second < end; second++) {
      const at = second % SERIES_SECONDS
      if (this.secondOf[at] === second) sums.add(this.seconds, at * WIDTH)
    }
  }

  get sums(): AnswerSums {
    return new AnswerSums(this.totals)
  }

  get latencySumMs(): number {
    return this.millisecondsSum
  }

  /** When it last counted, wall time in milliseconds; 0 for never. */
  get lastAnswerMs(): number {
    return this.lastMs
  }
}
