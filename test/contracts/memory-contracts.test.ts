import type { Place, Side } from '../../src/rollout/place.js'
import type { Platform } from '../../src/rollout/ports/platform.js'
import type { Router } from '../../src/rollout/ports/router.js'
import { MemoryLedgerStore } from '../memory/memory-ledger-store.js'
import { MemoryPlatform } from '../memory/memory-platform.js'
import { MemoryRouter } from '../memory/memory-router.js'
import { MemoryWorld } from '../memory/memory-world.js'
import { VirtualClock } from '../memory/virtual-clock.js'
import { describeLedgerStore } from './ledger-store-contract.js'
import { describePlatform, type PlatformHarness } from './platform-contract.js'
import { describeRouter, type RouterHarness } from './router-contract.js'

const nothingToDispose = (): Promise<void> => Promise.resolve()

describeLedgerStore('memory', () => {
  const store = new MemoryLedgerStore()
  return { open: () => store, dispose: nothingToDispose }
})

function platformHarness(layout: Platform['layout']): PlatformHarness {
  const clock = new VirtualClock()
  const world = new MemoryWorld(clock)
  world.behave('stuck', { readyAfterMs: Infinity })
  return {
    platform: new MemoryPlatform(world, layout),
    pass: (ms) => clock.sleep(ms),
    deadlineMs: 5_000,
    good: (version) => ({ version }),
    rebuild: (version) => void world.builds.set(version, ', built again'),
    neverReady: { release: { version: 'stuck' }, logs: 'stuck: waiting for something' },
    failsByItself: false,
    instances: async (place) => {
      const there = world.places.get(place)
      return there === undefined ? [] : [there.attempt]
    },
    dispose: nothingToDispose,
  }
}

describePlatform('memory', async () => platformHarness('slots'))
describePlatform('memory, in place', async () => platformHarness('in-place'))

function routerHarness(kind: Router['sides']): RouterHarness {
  const clock = new VirtualClock()
  const world = new MemoryWorld(clock)
  const router = new MemoryRouter(world, kind)
  const sides = kind === 'slots' ? { stable: 'blue', candidate: 'green' } : { stable: 'off', candidate: 'on' }
  const { stable, candidate } = sides as { stable: Side; candidate: Side }
  const places: Place[] = kind === 'slots' ? ['blue', 'green'] : ['live']
  const platform = new MemoryPlatform(world, kind === 'slots' ? 'slots' : 'in-place')
  for (const place of places) void platform.place(place, { version: `in-${place}` })
  clock.advance(1_000)
  const sideOf = (bucket: number): Side => (bucket < (world.split[candidate] ?? 0) * 100 ? candidate : stable)
  const drawn = (): number => Math.floor(Math.random() * 10_000)
  return {
    router,
    documentedAs: 'memory router',
    sides: { stable, candidate },
    pass: (ms) => clock.sleep(ms),
    deadlineMs: 2_000,
    ask: async (count, header) =>
      Array.from({ length: count }, () => (header?.value as Side) ?? sideOf(drawn())),
    returningClient: () => {
      const bucket = drawn()
      return async () => sideOf(bucket)
    },
    somebodyElseWrites: async (split) => {
      world.split = split
      world.revision++
      world.changedBy = 'somebody else'
    },
    dispose: nothingToDispose,
  }
}

describeRouter('memory', async () => routerHarness('slots'))
describeRouter('a feature flag in memory', async () => routerHarness('variants'))
