import type { Place, Side, Split } from '../../src/rollout/place.js'
import type { Selector } from '../../src/rollout/ports/platform.js'
import {
  RouterConflict,
  type Capabilities,
  type Router,
  type RouterReading,
  type TesterHeader,
} from '../../src/rollout/ports/router.js'
import type { MemoryWorld } from './memory-world.js'

/** How long a written split takes to have effect, in milliseconds: the memory router is eventually consistent. */
const EFFECT_MS = 150

/** A router in memory. */
export class MemoryRouter implements Router {
  readonly name = 'memory router'
  readonly sides: Router['sides']
  readonly can: Capabilities
  readonly #world: MemoryWorld
  #writtenAtMs = -Infinity

  constructor(
    world: MemoryWorld,
    sides: Router['sides'] = 'slots',
    weights: Capabilities['weights'] = 'any',
    sticky = true,
  ) {
    this.#world = world
    this.sides = sides
    this.can = {
      weights,
      sticky,
      header: true,
      mirror: false,
      status: true,
      conditional: true,
      websockets: false,
    }
  }

  async attach(place: Place): Promise<void> {
    this.#world.attached.add(place)
  }

  async read(): Promise<RouterReading> {
    const { split, revision, changedBy } = this.#world
    return { split, revision: String(revision), ...(changedBy !== undefined && { changedBy }) }
  }

  async write(split: Split, ifMatch?: string): Promise<string> {
    const world = this.#world
    if (ifMatch !== undefined && ifMatch !== String(world.revision))
      throw new RouterConflict(`it is at revision ${world.revision}`)
    world.split = split
    world.changedBy = undefined
    world.revision++
    this.#writtenAtMs = world.clock.monotonicMs()
    world.changed(`split ${JSON.stringify(split)}`)
    return String(world.revision)
  }

  async effective(): Promise<'yes' | 'not-yet'> {
    return this.#world.clock.monotonicMs() - this.#writtenAtMs >= EFFECT_MS ? 'yes' : 'not-yet'
  }

  async healthy(place: Place): Promise<number> {
    return this.#world.ready(place)
  }

  async remaining(): Promise<number | 'unknown'> {
    return 0
  }

  selectors(side: Side): Selector {
    return { side }
  }

  testerHeader(side: Side): TesterHeader {
    return { name: 'x-side', value: side }
  }
}
