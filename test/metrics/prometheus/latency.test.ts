import { afterEach, describe, expect, it } from '@jest/globals'
import type { MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { OpenedPrometheus } from './opened-prometheus.js'
import type { Exposed } from './prometheus-double.js'

const opened: OpenedPrometheus[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function open(): Promise<OpenedPrometheus> {
  const one = await OpenedPrometheus.open({ startedS: 0 })
  opened.push(one)
  return one
}

const latency = (settings: Record<string, unknown> = {}): MetricQuery => ({
  name: 'latency-p95',
  kind: 'latency',
  settings: { buckets: 'latency_bucket{slot="{{slot}}"}', ...settings },
})

/** Cumulative counts by `le`, of one pod. */
const buckets = (
  counts: Readonly<Record<string, number>>,
  labels: Readonly<Record<string, string>> = {},
): Exposed[] =>
  Object.entries(counts).map(([le, value]) => ({
    name: 'latency_bucket',
    labels: { slot: 'green', pod: 'a', ...labels, le },
    value,
  }))

describe('latencies from a classic histogram', () => {
  it('are counts of each bucket, edges in milliseconds', async () => {
    const prometheus = await open()
    prometheus.scrape(1, ...buckets({ '0.0082': 1, '0.1': 1, '1': 3, '+Inf': 3 }))
    prometheus.scrape(2, ...buckets({ '0.0082': 5, '0.1': 8, '1': 11, '+Inf': 12 }))
    expect(await prometheus.candidate(latency(), 1, 2)).toMatchObject({
      candidate: {
        kind: 'latency',
        edgesMs: [8.2, 100, 1_000],
        counts: [4, 3, 1, 1],
        pods: { a: [4, 3, 1, 1] },
      },
    })
  })

  it('have no edge at 0, which the default buckets of OpenTelemetry begin with: nothing is below it', async () => {
    const prometheus = await open()
    prometheus.scrape(1, ...buckets({ '0': 0, '0.1': 1, '1': 3, '+Inf': 3 }))
    prometheus.scrape(2, ...buckets({ '0': 0, '0.1': 8, '1': 11, '+Inf': 12 }))
    expect(await prometheus.candidate(latency(), 1, 2)).toMatchObject({
      candidate: { edgesMs: [100, 1_000], counts: [7, 1, 1] },
    })
  })

  it('are in milliseconds already, where the metric says so', async () => {
    const prometheus = await open()
    prometheus.scrape(1, ...buckets({ '2.5': 1, '10': 1, '+Inf': 1 }))
    expect(await prometheus.candidate(latency({ unit: 'ms' }), 0, 1)).toMatchObject({
      candidate: { edgesMs: [2.5, 10], counts: [1, 0, 0] },
    })
  })

  it('add up over pods and paths, however an edge is written', async () => {
    const prometheus = await open()
    prometheus.scrape(
      1,
      ...buckets({ '0.5': 1, '1.0': 2, '+Inf': 2 }),
      ...buckets({ '5e-1': 3, '1': 3, '+Inf': 4 }, { path: '/x' }),
      ...buckets({ '.5': 0, '1': 5, '+Inf': 5 }, { pod: 'b' }),
    )
    expect(await prometheus.candidate(latency(), 0, 1)).toMatchObject({
      candidate: { edgesMs: [500, 1_000], counts: [4, 6, 1], pods: { a: [4, 1, 1], b: [0, 5, 0] } },
    })
  })

  it('keep to the edges that both sides have, where releases have others', async () => {
    const prometheus = await open()
    prometheus.scrape(
      1,
      ...buckets({ '0.1': 1, '0.2': 2, '0.5': 4, '+Inf': 6 }),
      ...buckets({ '0.1': 10, '0.25': 15, '0.5': 20, '+Inf': 20 }, { slot: 'blue' }),
    )
    expect(await prometheus.both(latency(), 0, 1)).toMatchObject({
      candidate: { edgesMs: [100, 500], counts: [1, 3, 2] },
      stable: { edgesMs: [100, 500], counts: [10, 10, 0] },
    })
  })

  it('start anew with the process', async () => {
    const prometheus = await open()
    prometheus.scrape(1, ...buckets({ '1': 100, '+Inf': 120 }))
    prometheus.scrape(2, ...buckets({ '1': 3, '+Inf': 4 }))
    expect(await prometheus.candidate(latency(), 1, 2)).toMatchObject({ candidate: { counts: [3, 1] } })
  })

  it('are never fewer than none in a bucket that was read while it moved', async () => {
    const prometheus = await open()
    prometheus.scrape(1, ...buckets({ '1': 5, '2': 4, '+Inf': 6 }))
    expect(await prometheus.candidate(latency(), 0, 1)).toMatchObject({ candidate: { counts: [5, 0, 1] } })
  })

  it.each([
    [[{ name: 'latency_bucket', labels: { slot: 'green' }, value: 1 }], /without the label le/],
    [buckets({ '1': 1 }), /without le="\+Inf": select all its buckets/],
    [buckets({ fast: 1, '+Inf': 1 }), /le="fast"/],
  ])('are refused where the series are no buckets: %#', async (series, told) => {
    const prometheus = await open()
    prometheus.scrape(1, ...series)
    const asked = prometheus.candidate(latency(), 0, 1)
    await expect(asked).rejects.toThrow(UserError)
    await expect(asked).rejects.toThrow(told)
  })

  it('are no data without series', async () => {
    expect(await (await open()).candidate(latency(), 0, 1)).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('no series match latency_bucket{slot="green"}'),
    })
  })
})
