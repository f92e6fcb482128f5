import { describe, expect, it } from '@jest/globals'
import type { Place } from '../../src/rollout/place.js'
import type { Finding } from '../../src/rollout/ports/platform.js'
import { MemoryPlatform } from '../memory/memory-platform.js'
import { MemoryRouter } from '../memory/memory-router.js'
import { POLICY, type Stage } from '../memory/memory-scene.js'
import { at, ledgerOf, stageWith, step } from '../memory/played-steps.js'

/** A router that sees no endpoint of a place before its time (trap 2: registered is not healthy). */
class SlowEyes extends MemoryRouter {
  readonly #seesAtMs: number
  readonly #clock: Stage['clock']

  constructor({ world, clock }: Stage, seesAtMs: number) {
    super(world)
    this.#clock = clock
    this.#seesAtMs = seesAtMs
  }

  override async healthy(place: Place): Promise<number> {
    return this.#clock.monotonicMs() < this.#seesAtMs ? 0 : super.healthy(place)
  }
}

describe('ready before reachable', () => {
  it('a deploy ends when the router itself sees every replica, not when the platform calls them ready', async () => {
    const stage = await stageWith('v1')
    const seesAt = stage.clock.monotonicMs() + 20_000
    const router = new SlowEyes(stage, seesAt)
    expect((await stage.conductor({ router }).deploy({ version: 'v2' })).result).toBe('succeeded')
    expect(stage.clock.monotonicMs()).toBeGreaterThanOrEqual(seesAt)
  })

  it('a candidate that the router never sees fails at the deadline, and stable is untouched', async () => {
    const stage = await stageWith('v1')
    const router = new SlowEyes(stage, Infinity)
    const outcome = await stage.conductor({ router }).deploy({ version: 'v2' })
    expect(outcome.problem?.message).toBe('memory router saw only 0 of 2 endpoints of v2 within 5m')
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('a slot is attached to the router before anything is placed in it', async () => {
    const stage = await stageWith('v1')
    const order: string[] = []
    class Noting extends MemoryRouter {
      override async attach(place: Place): Promise<void> {
        order.push(`attach ${place}`)
        await super.attach(place)
      }
    }
    class Placing extends MemoryPlatform {
      override async place(...args: Parameters<MemoryPlatform['place']>) {
        order.push(`place ${args[0]}`)
        return super.place(...args)
      }
    }
    const change = { router: new Noting(stage.world), platform: new Placing(stage.world) }
    await stage.conductor(change).deploy({ version: 'v2' })
    expect(order).toEqual(['attach green', 'place green'])
  })

  it('what preflight finds to be wrong stops everything before a change, with what mends it', async () => {
    const stage = await stageWith('v1')
    const text = stage.ledgers.text
    class Careful extends MemoryPlatform {
      override async preflight(): Promise<readonly Finding[]> {
        return [
          { severity: 'warning', what: 'it consumes a queue', mend: 'Stop its consumers in the idle slot.' },
          { severity: 'error', what: 'the port is taken', mend: 'Name another one.' },
        ]
      }
    }
    const outcome = await stage.conductor({ platform: new Careful(stage.world) }).deploy({ version: 'v2' })
    expect(outcome.problem).toMatchObject({
      message: 'the port is taken',
      hint: 'Name another one. Nothing was changed.',
    })
    expect(stage.narrator.lines).toContain(
      'warning: it consumes a queue. Stop its consumers in the idle slot.',
    )
    expect([stage.ledgers.text, stage.world.places.has('green')]).toEqual([text, false])
  })
})

describe('a router that draws anew for each request', () => {
  it('is told of before the rollout starts, since a visitor may meet both releases', async () => {
    const stage = await stageWith('v1')
    const router = new MemoryRouter(stage.world, 'slots', 'any', false)
    expect((await stage.conductor({ router }).deploy({ version: 'v2' })).result).toBe('succeeded')
    const notice =
      'notice: memory router does not keep a client at one release: between 0 and 100 % the same visitor may meet both'
    expect(stage.narrator.lines).toContain(notice)
  })

  it('is no matter where nothing is shared', async () => {
    const stage = await stageWith('v1')
    const router = new MemoryRouter(stage.world, 'slots', 'any', false)
    const plan = { ...POLICY.plan, steps: [step(100)] }
    await stage.conductor({ router, policy: { ...POLICY, plan } }).deploy({ version: 'v2' })
    expect(stage.narrator.lines.join()).not.toContain('does not keep a client')
  })
})

describe('a weight that the router cannot express', () => {
  it('is refused before anything starts, never rounded', async () => {
    const stage = await stageWith('v1')
    const router = new MemoryRouter(stage.world, 'slots', 'all-or-nothing')
    const outcome = await stage.conductor({ router }).deploy({ version: 'v2' })
    expect(outcome.problem?.message).toBe('memory router cannot express 5, 25, 50 %')
    expect(stage.world.places.has('green')).toBe(false)
  })

  it('is refused by the step that asks for it where the plan did not', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const router = new MemoryRouter(stage.world, 'slots', 'percent')
    const outcome = await stage.conductor({ router }).shift(step(12.5))
    expect(outcome.problem?.message).toBe(
      'memory router cannot express a weight of 12.5 %: it takes whole percentages',
    )
    expect(stage.serving()).toEqual({ v1: 95, v2: 5 })
  })
})

describe('stable on the way back', () => {
  it('gets its full size back before it gets all requests (trap 9)', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    await stage.platform.scale('blue', 1)
    const before = stage.world.history.length
    expect((await stage.conductor().rollback({ jobStatus: 'failure' })).result).toBe('rolled-back')
    expect(stage.world.history.slice(before)).toEqual([
      'scaled blue to 2',
      'split {"blue":100,"green":0}',
      'retired green',
    ])
  })

  it('is started again where it is gone, by what the ledger kept of it', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    const handle = ledgerOf(stage).stable?.handle
    stage.world.places.delete('blue')
    const before = stage.world.history.length
    expect((await stage.conductor().rollback({ jobStatus: 'failure' })).result).toBe('rolled-back')
    expect(stage.world.places.get('blue')).toMatchObject({ version: 'v1', handle })
    expect(stage.world.history.slice(before)).toEqual([
      'placed v1 in blue',
      'split {"blue":100,"green":0}',
      'retired green',
    ])
    expect(stage.world.lost.filter((line) => line.startsWith('split'))).toEqual([])
  })

  it('that cannot be had does not get the requests: they stay where they are answered', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    stage.world.behave('v1', { readyAfterMs: Infinity })
    const outcome = await stage.conductor().rollback({ jobStatus: 'failure' })
    expect(outcome.problem?.message).toBe(
      'stable v1 in blue has no ready replica: traffic was not moved onto it',
    )
    expect(stage.serving()).toEqual({ v1: 50, v2: 50 })
  })

  it('asks nothing of the sick side: a candidate that is gone altogether holds nothing up (trap 12)', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    stage.world.places.delete('green')
    const began = stage.clock.monotonicMs()
    expect((await stage.conductor().rollback({ jobStatus: 'failure' })).result).toBe('rolled-back')
    expect(stage.clock.monotonicMs() - began).toBeLessThan(5_000)
    expect(stage.serving()).toEqual({ v1: 100 })
  })
})
