import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'

import { LocalMetricSource } from '../../src/metrics/local.js'
import { LocalRouter } from '../../src/routers/local.js'
import { builtSupervisor } from '../platforms/local/built-supervisor.js'
import { eventually, LocalScene } from '../platforms/local/local-scene.js'

let built: Awaited<ReturnType<typeof builtSupervisor>>
beforeAll(async () => {
  built = await builtSupervisor()
})
afterAll(() => built.remove())

describe('metrics of the local router', () => {
  let scene: LocalScene
  let step: ReturnType<LocalScene['step']>
  let source: LocalMetricSource
  beforeEach(() => {
    scene = new LocalScene(built.entry)
    step = scene.step()
    source = new LocalMetricSource(step.client)
  })
  afterEach(() => scene.clear())

  const errors = { name: 'errors', kind: 'share' } as const
  const by = { stable: { slot: 'blue' }, candidate: { slot: 'green' } }

  it('say that there is no data for a window that began before the supervisor did', async () => {
    const toMs = (await source.now()).getTime()
    const reading = await source.counts(errors, by, { fromMs: toMs - 60_000, toMs })
    expect(reading).toMatchObject({ kind: 'no-data', why: expect.stringContaining('has counts since 20') })
    const young = await source.counts(errors, by, { fromMs: toMs, toMs: toMs + 1_000 })
    expect(young.kind).toBe('samples')
  })

  it('tell of the past no further back than the supervisor counts', async () => {
    const born = (await source.now()).getTime()
    await eventually(
      async () => (await source.now()).getTime(),
      (now) => now >= born + 3_000,
    )
    const now = (await source.now()).getTime()
    const past = await source.history(errors, by.stable, { fromMs: now - 600_000, toMs: now }, 1_000)
    expect(past.length).toBeGreaterThan(0)
    expect(past.length).toBeLessThan(30)
    expect(past.at(-1)).toEqual({
      fromMs: Math.floor(now / 1_000) * 1_000 - 1_000,
      toMs: Math.floor(now / 1_000) * 1_000,
      sample: { kind: 'share', requests: 0, bad: 0 },
    })
  })

  it('say that they count no means, instead of giving something else', async () => {
    const window = { fromMs: Date.now(), toMs: Date.now() }
    const basket = { name: 'basket', kind: 'mean' } as const
    expect(await source.counts(basket, by, window)).toEqual({
      kind: 'no-data',
      why: 'the local router counts errors and latencies, but no mean such as basket',
    })
    expect(await source.history(basket, by.stable, window, 1_000)).toEqual([])
  })

  it('know a slot by its name alone', async () => {
    const window = { fromMs: Date.now(), toMs: Date.now() }
    const strange = { stable: undefined, candidate: { deployment: 'shop' } }
    await expect(source.counts(errors, strange, window)).rejects.toThrow(/know slots by name/)
  })

  it('are in the Prometheus text that the supervisor gives', async () => {
    const { attempt } = await step.platform.place('blue', { version: 'v1' })
    await eventually(
      () => step.platform.progress('blue', attempt),
      ({ state }) => state === 'ready',
    )
    await new LocalRouter(step.client).attach('blue')
    const text = await step.client.request('metrics', {})
    expect(text).toMatch(/tuesday_ready_replicas\{service="tiny",environment="test",slot="blue"\} 1\n/)
  })
})
