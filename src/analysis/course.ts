import type { Evidence } from '../rollout/ports/judge.js'

/** Points of a chart, at most. */
const MOST_POINTS = 60

type Point = Evidence['course'][number]

/** How evidence went, for a chart: where there are too many points, every other one is dropped; the last is always there. */
export class Course {
  #points: Point[] = []
  #last: Point | undefined
  #every = 1
  #added = 0

  add(atMs: number, logE: number): void {
    this.#last = { atMs, logE }
    if (this.#added++ % this.#every !== 0) return
    this.#points.push(this.#last)
    if (this.#points.length < MOST_POINTS) return
    this.#points = this.#points.filter((_, index) => index % 2 === 0)
    this.#every *= 2
  }

  get points(): readonly Point[] {
    const last = this.#last
    return last === undefined || this.#points.at(-1) === last ? [...this.#points] : [...this.#points, last]
  }
}
