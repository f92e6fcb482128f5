import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { RouterConflict } from '../../src/rollout/ports/router.js'
import { ALL, NONE } from '../../src/rollout/weight.js'
import { LocalRouter } from '../../src/routers/local.js'
import { builtSupervisor } from '../platforms/local/built-supervisor.js'
import { LocalScene } from '../platforms/local/local-scene.js'

let built: Awaited<ReturnType<typeof builtSupervisor>>
beforeAll(async () => {
  built = await builtSupervisor()
})
afterAll(() => built.remove())

describe('the local router of a service that was never deployed', () => {
  let scene: LocalScene
  let router: LocalRouter
  beforeEach(() => {
    scene = new LocalScene(built.entry)
    router = new LocalRouter(scene.step().client)
  })
  afterEach(() => scene.clear())

  it('is read without starting anything', async () => {
    expect(await router.read()).toEqual({ split: {}, revision: '0' })
    expect([await router.healthy('blue'), await router.remaining('blue')]).toEqual([0, 0])
    expect(existsSync(join(scene.directory, 'desired.json'))).toBe(false)
  })

  it('takes a first write on the condition that there was none', async () => {
    const { revision } = await router.read()
    const written = await router.write({ blue: ALL, green: NONE }, revision)
    expect(await router.effective(written)).toBe('yes')
    await expect(router.write({ blue: NONE, green: ALL }, revision)).rejects.toThrow(RouterConflict)
    expect((await router.read()).split).toEqual({ blue: 100, green: 0 })
  })
})
