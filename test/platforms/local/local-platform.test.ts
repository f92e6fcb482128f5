import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Weight } from '../../../src/rollout/weight.js'
import { builtSupervisor } from './built-supervisor.js'
import { ask, eventually, LocalScene } from './local-scene.js'

let built: Awaited<ReturnType<typeof builtSupervisor>>
let scene: LocalScene
beforeAll(async () => {
  built = await builtSupervisor()
})
afterAll(() => built.remove())
beforeEach(() => {
  scene = new LocalScene(built.entry)
})
afterEach(() => scene.clear())

describe('a release on this machine', () => {
  it('is started by one step and found running by the next', async () => {
    const { platform, client } = scene.step()
    const { attempt } = await platform.place('blue', { version: 'v1' })
    await eventually(
      () => platform.progress('blue', attempt),
      ({ state }) => state === 'ready',
    )
    await client.close()
    const next = scene.step().platform
    expect(await next.observe()).toEqual({ blue: { version: 'v1', wanted: 1, ready: 1, restarts: 0 } })
    expect(await ask(await next.reach('blue'))).toMatchObject({ version: 'v1', slot: 'blue' })
  })

  it('is served at the public address by its weight', async () => {
    const { platform, client } = scene.step()
    const { attempt } = await platform.place('green', { version: 'v2' })
    await eventually(
      () => platform.progress('green', attempt),
      ({ state }) => state === 'ready',
    )
    await client.request('writeSplit', { split: { green: 100 as Weight } })
    expect(await ask(await platform.publicAddress())).toMatchObject({ version: 'v2' })
  })
})
