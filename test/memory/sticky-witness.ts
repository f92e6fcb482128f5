import type { Place, Side } from '../../src/rollout/place.js'
import type { Testimony, Visitor, Witness } from '../../src/rollout/ports/witness.js'
import type { MemoryWorld } from './memory-world.js'

/**
 * A balancer that gives each newcomer a cookie naming its side, and honours it against a weight of 0 until
 * `honoursUntilMs` (trap 50). Newcomers come to the sides in turn, exactly by weight.
 */
export class StickyWitness implements Witness {
  readonly address = 'http://sticky.invalid/'
  readonly #world: MemoryWorld
  readonly #debt = new Map<string, number>()
  readonly cameBack: string[] = []
  honoursUntilMs = Infinity

  constructor(world: MemoryWorld) {
    this.#world = world
  }

  async ask(as: Visitor): Promise<Testimony> {
    if (as.kind === 'newcomer') return this.#from(this.#next())
    this.cameBack.push(as.cookie)
    const honoured = this.#world.clock.monotonicMs() < this.honoursUntilMs
    const side = as.cookie.startsWith('side=blue') ? 'blue' : 'green'
    return this.#from(honoured ? side : this.#next())
  }

  #from(side: Side | undefined): Testimony {
    const version = side === undefined ? undefined : this.#world.versionOf(side)
    return { version, cookie: `side=${side ?? 'none'}.${this.#debt.size}.${this.cameBack.length}` }
  }

  #next(): Place | undefined {
    const sides = Object.entries(this.#world.split) as [Place, number][]
    for (const [side, weight] of sides) this.#debt.set(side, (this.#debt.get(side) ?? 0) + weight)
    const [due] = sides
      .filter(([, weight]) => weight > 0)
      .toSorted(([one], [other]) => (this.#debt.get(other) ?? 0) - (this.#debt.get(one) ?? 0))
    if (due === undefined) return undefined
    this.#debt.set(due[0], (this.#debt.get(due[0]) ?? 0) - 100)
    return due[0]
  }
}
