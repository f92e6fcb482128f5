/** Something that is due at a steady rate. */
type Stream = { everyMs: number; next: number; send: (due: number) => void }

/**
 * An open loop: what is due is sent, whatever became of what was sent before. Looks every few milliseconds; after a
 * stall everything that fell due meanwhile is sent at once, each with the moment it was due, so the stall shows.
 */
export class Schedule {
  #streams = new Set<Stream>()
  #running = false
  #now: () => number
  #timer: NodeJS.Timeout | undefined
  #eachTick: (now: number) => void

  /** @param now milliseconds on a monotonic clock; `eachTick` is called after each look. */
  constructor(now: () => number, eachTick: (now: number) => void) {
    this.#now = now
    this.#eachTick = eachTick
  }

  /**
   * @param perSecond how often; 0 never. `offset` (0 to 1) moves it within its period, so that not all are due at once.
   * @returns how to take it off the schedule.
   */
  add(perSecond: number, offset: number, send: (due: number) => void): () => void {
    if (perSecond <= 0) return () => undefined
    const everyMs = 1_000 / perSecond
    const begin = this.#running ? this.#now() : 0
    const stream = { everyMs, next: begin + offset * everyMs, send }
    this.#streams.add(stream)
    return () => this.#streams.delete(stream)
  }

  start(): void {
    const begin = this.#now()
    for (const stream of this.#streams) stream.next += begin
    this.#running = true
    this.#timer = setInterval(() => this.#tick(), 4)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    const now = this.#now()
    for (const stream of this.#streams) {
      while (stream.next <= now && this.#streams.has(stream)) {
        stream.send(stream.next)
        stream.next += stream.everyMs
      }
    }
    this.#eachTick(now)
  }
}
