import type { Side } from '../../src/rollout/place.js'
import type { Testimony, Witness } from '../../src/rollout/ports/witness.js'
import type { MemoryWorld } from './memory-world.js'

/** Asks the world in memory: sides answer in turn, exactly by weight, so that nothing depends on luck. */
export class MemoryWitness implements Witness {
  readonly address = 'http://memory.invalid/'
  readonly #world: MemoryWorld
  asked = 0
  #debt = new Map<string, number>()

  constructor(world: MemoryWorld) {
    this.#world = world
  }

  async ask(): Promise<Testimony> {
    this.asked++
    const side = this.#next()
    const version = side === undefined ? undefined : this.#world.versionOf(side)
    return { version, cookie: undefined, ...(version === undefined && { problem: 'nobody answers' }) }
  }

  /** The side that is furthest behind its share. */
  #next(): Side | undefined {
    const sides = Object.entries(this.#world.split) as [Side, number][]
    for (const [side, weight] of sides) this.#debt.set(side, (this.#debt.get(side) ?? 0) + weight)
    const due = sides
      .filter(([, weight]) => weight > 0)
      .sort(([one], [other]) => (this.#debt.get(other) ?? 0) - (this.#debt.get(one) ?? 0))[0]
    if (due !== undefined) this.#debt.set(due[0], (this.#debt.get(due[0]) ?? 0) - 100)
    return due?.[0]
  }
}
