import { afterAll, beforeAll } from '@jest/globals'
import { tuesday } from '../../../src/metrics/presets/tuesday.js'
import { openPrometheus } from '../../../src/metrics/prometheus/prometheus.js'
import type { Slot } from '../../../src/rollout/place.js'
import { ALL, NONE } from '../../../src/rollout/weight.js'
import { LocalRouter } from '../../../src/routers/local.js'
import { RUNNER_CLOCK } from '../../../src/workflow/runner-clock.js'
import { describeMetricSource, type MetricSourceHarness } from '../../contracts/metric-source-contract.js'
import { realTime } from '../../contracts/patience.js'
import { builtSupervisor } from '../../platforms/local/built-supervisor.js'
import { LocalClients } from '../../platforms/local/local-clients.js'
import { eventually, LocalScene } from '../../platforms/local/local-scene.js'
import { freePort } from '../../testbed/free-port.js'
import { RealPrometheus } from './real-prometheus.js'

let built: Awaited<ReturnType<typeof builtSupervisor>>
let metricsPort: number
let prometheus: RealPrometheus
beforeAll(async () => {
  built = await builtSupervisor()
  metricsPort = await freePort()
  prometheus = await RealPrometheus.start([{ port: metricsPort, labels: {} }], '1s')
})
afterAll(async () => {
  await prometheus.dispose()
  built.remove()
})

/** The router of the local platform, whose metrics a real Prometheus scrapes, asked with the queries of its preset. */
describeMetricSource(
  'a real Prometheus that scrapes the local router',
  async (): Promise<MetricSourceHarness> => {
    const scene = new LocalScene(built.entry)
    // Each test has a service of its own name, whose series are its own.
    const service = `tiny-${Date.now()}`
    const { client, platform } = scene.step({ service, metricsPort })
    const router = new LocalRouter(client)
    for (const slot of ['blue', 'green'] as const) {
      const { attempt } = await platform.place(slot, { version: `in-${slot}` })
      await eventually(
        () => platform.progress(slot, attempt),
        ({ state }) => state === 'ready',
      )
    }
    const clients = new LocalClients(await platform.publicAddress())
    const rollout: { began?: Date } = {}
    const source = openPrometheus(
      { url: prometheus.url, scrapeIntervalMs: 1_000, podLabel: 'none' },
      {
        clock: RUNNER_CLOCK,
        signal: new AbortController().signal,
        service,
        rolloutStarted: () => rollout.began,
        warn: (line) => {
          throw new Error(line)
        },
      },
    )
    const preset = tuesday()
    const traffic: MetricSourceHarness['traffic'] = async (side, { good, bad, ms }) => {
      await router.write(side === 'stable' ? to('blue') : to('green'))
      const statuses = [...Array<number>(good).fill(200), ...Array<number>(bad).fill(500)]
      await Promise.all(statuses.map((status) => clients.order(`/answer?status=${status}&ms=${ms}`)))
    }
    /** When the last scrape that succeeded began, milliseconds since 1970. */
    const lastScrape = async (): Promise<number> => {
      const query = encodeURIComponent(`timestamp(up{instance="127.0.0.1:${metricsPort}"}) * up`)
      const answer = (await (await fetch(`${prometheus.url}/api/v1/query?query=${query}`)).json()) as {
        readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
      }
      return Number(answer.data.result[0]?.value[1] ?? 0) * 1_000
    }
    const harness: MetricSourceHarness = {
      source,
      stable: { ...platform.selectors('blue'), ...router.selectors('blue') },
      candidate: { ...platform.selectors('green'), ...router.selectors('green') },
      resolutionMs: 1_000,
      errors: { name: 'errors', kind: 'share', settings: preset.share },
      latency: { name: 'latency-p95', kind: 'latency', settings: preset.latency },
      // Not only the time, but the scrape that belongs to it.
      pass: async (ms) => {
        await realTime.pass(ms)
        const passed = Date.now()
        await eventually(lastScrape, (scraped) => scraped > passed)
      },
      traffic,
      dispose: async () => {
        clients.close()
        await scene.clear()
      },
    }
    // Both slots have series, from before the rollout: they are told apart from slots that nobody has heard of.
    for (const side of ['stable', 'candidate'] as const) await traffic(side, { good: 1, bad: 0, ms: 1 })
    await harness.pass(0)
    rollout.began = new Date()
    return harness
  },
)

/** All to one slot. */
function to(slot: Slot) {
  return slot === 'blue' ? { blue: ALL, green: NONE } : { blue: NONE, green: ALL }
}
