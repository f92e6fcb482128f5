import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Agent, get } from 'node:http'
import { LocalRouter } from '../../../src/routers/local.js'
import { splitFor } from '../../../src/rollout/place.js'
import type { Weight } from '../../../src/rollout/weight.js'
import { builtSupervisor } from './built-supervisor.js'
import { eventually, LocalScene } from './local-scene.js'

let built: Awaited<ReturnType<typeof builtSupervisor>>
let scene: LocalScene
let load: SteadyLoad | undefined
beforeAll(async () => {
  built = await builtSupervisor()
})
afterAll(() => built.remove())
beforeEach(() => {
  scene = new LocalScene(built.entry)
})
afterEach(async () => {
  await load?.stop()
  load = undefined
  await scene.clear()
})

/** Requests at a fixed rate, whatever the answers do, each written down. */
class SteadyLoad {
  readonly answered = new Map<string, number>()
  readonly lost: string[] = []
  readonly #address: URL
  readonly #keepAlive = new Agent({ keepAlive: true, maxSockets: 20 })
  readonly #timer: NodeJS.Timeout
  readonly #open = new Set<Promise<void>>()
  #sent = 0

  constructor(address: URL, perSecond: number) {
    this.#address = address
    this.#timer = setInterval(() => this.#send(), 1_000 / perSecond)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#keepAlive.destroy()
  }

  #send(): void {
    this.#sent += 1
    // Every other one on a connection of its own, every tenth one slow enough to be caught by a retirement.
    const agent = this.#sent % 2 === 0 ? this.#keepAlive : false
    const path = this.#sent % 10 === 0 ? '/slow?ms=400' : '/'
    const done = this.#ask(path, agent).then(
      (version) => void this.answered.set(version, (this.answered.get(version) ?? 0) + 1),
      (error: unknown) => void this.lost.push(`${path}: ${String(error)}`),
    )
    this.#open.add(done)
    void done.finally(() => this.#open.delete(done))
  }

  #ask(path: string, agent: Agent | false): Promise<string> {
    return new Promise((resolve, reject) => {
      get(new URL(path, this.#address), { agent }, (response) => {
        let text = ''
        response.on('data', (piece: Buffer) => (text += piece.toString('utf8')))
        response.once('error', reject)
        response.once('end', () => {
          if (response.statusCode === 200) resolve((JSON.parse(text) as { version: string }).version)
          else reject(new Error(`${response.statusCode}: ${text}`))
        })
      }).once('error', reject)
    })
  }
}

describe('one release takes over from another', () => {
  it('and back, three times, with both slots retired in turn, and no request is lost', async () => {
    const { platform, client } = scene.step({ replicas: 2 })
    const router = new LocalRouter(client)
    const bringUp = async (place: 'blue' | 'green', version: string): Promise<void> => {
      const { attempt } = await platform.place(place, { version })
      await eventually(
        () => platform.progress(place, attempt),
        ({ state }) => state === 'ready',
      )
    }
    await bringUp('blue', 'v1')
    await router.write({ blue: 100 as Weight, green: 0 as Weight })
    load = new SteadyLoad(await platform.publicAddress(), 200)
    for (let turn = 2; turn <= 4; turn++) {
      const [stable, candidate] = turn % 2 === 0 ? (['blue', 'green'] as const) : (['green', 'blue'] as const)
      await bringUp(candidate, `v${turn}`)
      for (const weight of [25, 50, 100]) {
        await router.write(splitFor({ stable, candidate }, weight as Weight))
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
      // At once: the platform drains by itself what is still in flight.
      await platform.retire(stable)
    }
    await load.stop()
    expect(load.lost).toEqual([])
    expect([...load.answered.keys()].sort()).toEqual(['v1', 'v2', 'v3', 'v4'])
    expect([...load.answered.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(500)
  }, 40_000)

  it('in place, there and back, and by an update that fails and is undone, and no request is lost', async () => {
    const settings = { replicas: 3, startupDeadlineMs: 4_000, env: { NEVER_READY_VERSION: 'stuck' } }
    const { platform } = scene.step(settings, process.env, 'rolling')
    const update = async (version: string) => {
      const { attempt } = await platform.place('live', { version })
      return eventually(
        () => platform.progress('live', attempt),
        ({ state }) => state !== 'moving',
      )
    }
    await update('v1')
    load = new SteadyLoad(await platform.publicAddress(), 200)
    for (const version of ['v2', 'v1']) expect(await update(version)).toMatchObject({ state: 'ready' })
    expect(await update('stuck')).toMatchObject({
      state: 'undone',
      reason: expect.stringContaining('was not ready within 4 s'),
    })
    await eventually(
      () => platform.observe(),
      ({ live }) => live?.version === 'v1' && live.ready === 3 && live.wanted === 3,
    )
    await load.stop()
    expect(load.lost).toEqual([])
    expect([...load.answered.keys()].sort()).toEqual(['v1', 'v2'])
  }, 40_000)

  it('in place under load also when an update is taken back half-way', async () => {
    const settings = { replicas: 2, env: { NEVER_READY_VERSION: 'stuck' } }
    const { platform } = scene.step(settings, process.env, 'rolling')
    const { attempt } = await platform.place('live', { version: 'v1' })
    await eventually(
      () => platform.progress('live', attempt),
      ({ state }) => state === 'ready',
    )
    load = new SteadyLoad(await platform.publicAddress(), 200)
    const stuck = await platform.place('live', { version: 'stuck' })
    expect(await platform.progress('live', stuck.attempt)).toMatchObject({ state: 'moving' })
    const back = await platform.place('live', { version: 'v1' })
    expect(back.attempt).toBe(attempt)
    expect(await platform.progress('live', attempt)).toMatchObject({ state: 'ready', ready: 2 })
    await new Promise((resolve) => setTimeout(resolve, 300))
    await load.stop()
    expect(load.lost).toEqual([])
    expect([...load.answered.keys()]).toEqual(['v1'])
    expect(await platform.progress('live', stuck.attempt)).toMatchObject({ state: 'failed' })
  }, 40_000)
})
