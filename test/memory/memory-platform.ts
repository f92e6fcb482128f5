import type { Place } from '../../src/rollout/place.js'
import type {
  Finding,
  Health,
  Intent,
  Observed,
  PlaceState,
  Placement,
  Platform,
  Progress,
  Selector,
} from '../../src/rollout/ports/platform.js'
import type { Release, ReleaseHandle } from '../../src/rollout/release.js'
import type { MemoryWorld } from './memory-world.js'

const WATCH_MS = 250

/** A platform in memory: slots, or one place that is updated in place. */
export class MemoryPlatform implements Platform {
  readonly name = 'memory'
  readonly layout: Platform['layout']
  readonly #world: MemoryWorld
  readonly #replicas: number

  constructor(world: MemoryWorld, layout: Platform['layout'] = 'slots', replicas = 2) {
    this.#world = world
    this.layout = layout
    this.#replicas = replicas
  }

  async observe(): Promise<Observed> {
    const entries = [...this.#world.places].map(([place]) => [place, this.#state(place)] as const)
    return Object.fromEntries(entries.filter(([, state]) => state !== undefined))
  }

  async *watch(place: Place, signal: AbortSignal): AsyncIterable<Health> {
    let shown = ''
    while (!signal.aborted) {
      const there = this.#world.places.get(place)
      const health = { wanted: there?.wanted ?? 0, ready: this.#world.ready(place), restarts: 0 }
      if (JSON.stringify(health) !== shown) yield health
      shown = JSON.stringify(health)
      await this.#world.clock.sleep(WATCH_MS, signal)
    }
  }

  async place(place: Place, release: Release, handle?: ReleaseHandle): Promise<Placement> {
    const there = this.#world.places.get(place)
    if (there !== undefined && there.version === release.version) {
      there.wanted = this.#replicas
      return { attempt: there.attempt, handle: there.handle }
    }
    const placed = {
      version: release.version,
      attempt: this.#world.nextAttempt(),
      handle: handle ?? this.#handleOf(release),
      placedAtMs: this.#world.clock.monotonicMs(),
      wanted: this.#replicas,
    }
    this.#world.places.set(place, placed)
    this.#world.changed(`placed ${release.version} in ${place}`)
    return { attempt: placed.attempt, handle: placed.handle }
  }

  async isOtherBuild(release: Release, handle: ReleaseHandle): Promise<boolean> {
    return handle !== this.#handleOf(release)
  }

  async progress(place: Place, attempt: string): Promise<Progress> {
    const there = this.#world.places.get(place)
    if (there?.attempt !== attempt)
      return { state: 'failed', reason: 'another attempt has taken its place', logs: [] }
    const ready = this.#world.ready(place)
    return { state: ready >= there.wanted ? 'ready' : 'moving', ready, wanted: there.wanted }
  }

  async lastWords(place: Place): Promise<readonly string[]> {
    const there = this.#world.places.get(place)
    return there === undefined ? [] : [`${there.version}: waiting for something that never comes`]
  }

  async scale(place: Place, replicas: number): Promise<void> {
    const there = this.#world.places.get(place)
    if (there !== undefined) there.wanted = replicas
    this.#world.changed(`scaled ${place} to ${replicas}`)
  }

  async retire(place: Place): Promise<void> {
    this.#world.places.delete(place)
    this.#world.changed(`retired ${place}`)
  }

  async follow(stable: Place): Promise<void> {
    this.#world.stableFollows = stable
  }

  async reach(place: Place): Promise<URL | undefined> {
    return new URL(`http://${place}.memory.invalid/`)
  }

  async preflight(_intent: Intent): Promise<readonly Finding[]> {
    return []
  }

  selectors(place: Place): Selector {
    return { place }
  }

  #handleOf({ version }: Release): ReleaseHandle {
    return `handle of ${version}${this.#world.builds.get(version) ?? ''}`
  }

  #state(place: Place): PlaceState | undefined {
    const there = this.#world.places.get(place)
    if (there === undefined) return undefined
    return { version: there.version, wanted: there.wanted, ready: this.#world.ready(place), restarts: 0 }
  }
}
