import { afterAll, beforeAll } from '@jest/globals'
import WebSocket from 'ws'
import { LocalMetricSource } from '../../../src/metrics/local.js'
import { LocalRouter } from '../../../src/routers/local.js'
import type { Side, Slot } from '../../../src/rollout/place.js'
import { ALL, NONE } from '../../../src/rollout/weight.js'
import { describeMetricSource, type MetricSourceHarness } from '../../contracts/metric-source-contract.js'
import { realTime } from '../../contracts/patience.js'
import { describeRouter, type RouterHarness } from '../../contracts/router-contract.js'
import { builtSupervisor } from './built-supervisor.js'
import { LocalClients } from './local-clients.js'
import { eventually, LocalScene } from './local-scene.js'

let built: Awaited<ReturnType<typeof builtSupervisor>>
beforeAll(async () => {
  built = await builtSupervisor()
})
afterAll(() => built.remove())

/** Both slots serve, behind one public address. */
async function stage() {
  const scene = new LocalScene(built.entry)
  const step = scene.step()
  const router = new LocalRouter(step.client)
  for (const slot of ['blue', 'green'] as const) {
    const { attempt } = await step.platform.place(slot, { version: `in-${slot}` })
    await eventually(
      () => step.platform.progress(slot, attempt),
      ({ state }) => state === 'ready',
    )
  }
  const clients = new LocalClients(await step.platform.publicAddress())
  const dispose = async (): Promise<void> => {
    clients.close()
    await scene.clear()
  }
  return { scene, ...step, router, clients, dispose }
}

describeRouter('local', async (): Promise<RouterHarness> => {
  const { scene, router, platform, clients, dispose } = await stage()
  const address = await platform.publicAddress()
  return {
    ...realTime,
    router,
    documentedAs: 'local',
    sides: { stable: 'blue', candidate: 'green' },
    deadlineMs: 10_000,
    ask: (count, header) => clients.ask(count, header),
    returningClient: () => clients.returningClient(),
    websocket: () =>
      new Promise<Side>((resolve, reject) => {
        const socket = new WebSocket(`ws://${address.host}/`)
        socket.once('error', reject)
        socket.once('message', (text: Buffer) => {
          socket.close()
          resolve((JSON.parse(text.toString('utf8')) as { slot: Slot }).slot)
        })
      }),
    slowRequest: (ms) => clients.slowRequest(ms),
    somebodyElseWrites: async (split) => {
      await new LocalRouter(scene.step().client).write(split)
    },
    emptyPlace: 'live',
    dispose,
  }
})

describeMetricSource('local', async (): Promise<MetricSourceHarness> => {
  const { client, router, clients, dispose } = await stage()
  await router.write(share('blue'))
  return {
    ...realTime,
    source: new LocalMetricSource(client),
    stable: router.selectors('blue'),
    candidate: router.selectors('green'),
    resolutionMs: 1_000,
    errors: { name: 'errors', kind: 'share' },
    latency: { name: 'latency-p95', kind: 'latency' },
    traffic: async (side, { good, bad, ms }) => {
      await router.write(share(side === 'stable' ? 'blue' : 'green'))
      const statuses = [...Array<number>(good).fill(200), ...Array<number>(bad).fill(500)]
      await Promise.all(statuses.map((status) => clients.order(`/answer?status=${status}&ms=${ms}`)))
    },
    dispose,
  }
})

/** All to one slot. */
function share(slot: Slot) {
  return slot === 'blue' ? { blue: ALL, green: NONE } : { blue: NONE, green: ALL }
}
