import type { Clock } from '../../src/rollout/ports/clock.js'

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/** Time that passes only when everybody sleeps, so that hours of a rollout take milliseconds and nothing is flaky. */
export class VirtualClock implements Clock {
  #now = 0
  readonly #epoch: number
  readonly #sleepers = new Set<Sleeper>()
  #pumping = false
  #stopped = 0

  constructor(epoch = Date.UTC(2026, 0, 6, 11)) {
    this.#epoch = epoch
  }

  monotonicMs(): number {
    return this.#now
  }

  wallTime(): Date {
    return new Date(this.#epoch + this.#now)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { due: this.#now + Math.max(0, ms), wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
      this.#pump()
    })
  }

  /** Time stands still while something of the real world works: a server on loopback. */
  async whileStopped<Result>(work: Promise<Result>): Promise<Result> {
    this.#stopped++
    try {
      return await work
    } finally {
      this.#stopped--
      this.#pump()
    }
  }

  /** Lets time pass for everybody at once: what a test does between two jobs. */
  advance(ms: number): void {
    this.#now += ms
  }

  /** Wakes the next sleeper once nothing else is left to do in this turn of the event loop. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    setImmediate(() => {
      this.#pumping = false
      if (this.#stopped > 0) return
      const next = [...this.#sleepers].sort((one, other) => one.due - other.due)[0]
      if (next === undefined) return
      this.#now = Math.max(this.#now, next.due)
      next.wake()
      this.#pump()
    })
  }
}
