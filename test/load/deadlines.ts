import type { Abandon } from './connection-pool.ts'

/** Gives up what is not done in time. All waiting in one of these are given the same time, so the first is due first. */
export class Deadlines {
  #limitMs: number
  #waiting = new Map<number, { due: number; abandon: Abandon }>()

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  get waiting(): number {
    return this.#waiting.size
  }

  add(number: number, due: number, abandon: Abandon): void {
    this.#waiting.set(number, { due, abandon })
  }

  done(number: number): void {
    this.#waiting.delete(number)
  }

  enforce(now: number): void {
    for (const [number, { due, abandon }] of this.#waiting) {
      if (now - due <= this.#limitMs) return
      this.#waiting.delete(number)
      abandon('no answer in time')
    }
  }
}
