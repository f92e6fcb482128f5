import { afterEach, describe, expect, it } from '@jest/globals'
import { batchesOf, varianceOf } from '../../../src/metrics/prometheus/mean-counts.js'
import type { MeanSample, MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { seeded } from '../../memory/seeded.js'
import { OpenedPrometheus } from './opened-prometheus.js'

const opened: OpenedPrometheus[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

const BASKET: MetricQuery = {
  name: 'basket',
  kind: 'mean',
  settings: { sum: 'basket_sum{slot="{{slot}}"}', count: 'basket_count{slot="{{slot}}"}' },
}

async function open(
  scrapes: readonly (readonly [sum: number, count: number])[],
  pod = 'a',
): Promise<OpenedPrometheus> {
  const prometheus = await OpenedPrometheus.open({ startedS: 0 })
  opened.push(prometheus)
  for (const [second, [sum, count]] of scrapes.entries()) {
    const labels = { slot: 'green', pod }
    prometheus.scrape(
      second,
      { name: 'basket_sum', labels, value: sum },
      { name: 'basket_count', labels, value: count },
    )
  }
  return prometheus
}

describe('means from sums and counts', () => {
  it('have the squares that the spread of the scrapes tells', async () => {
    // Batches: 2 of mean 10, 2 of mean 20. Their mean is 15; 2·25 + 2·25 over one degree of freedom is 100.
    const prometheus = await open([
      [0, 0],
      [20, 2],
      [60, 4],
    ])
    expect(await prometheus.candidate(BASKET, 0, 2)).toMatchObject({
      candidate: { kind: 'mean', count: 4, sum: 60, sumOfSquares: 4 * (100 + 15 ** 2) },
    })
    // The window is one scrape; the spread is that of the scrapes before it too.
    expect(await prometheus.candidate(BASKET, 1, 2)).toMatchObject({
      candidate: { count: 2, sum: 40, sumOfSquares: 2 * (100 + 20 ** 2) },
    })
  })

  it('are no data before there are two scrapes to tell the spread by', async () => {
    const prometheus = await open([
      [0, 0],
      [20, 2],
    ])
    expect(await prometheus.candidate(BASKET, 0, 1)).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('spread'),
    })
  })

  it('count nothing where nothing came', async () => {
    const prometheus = await open([
      [20, 2],
      [20, 2],
    ])
    expect(await prometheus.candidate(BASKET, 0, 1)).toMatchObject({
      candidate: { count: 0, sum: 0, sumOfSquares: 0 },
    })
  })

  it('go on after a restart', async () => {
    const prometheus = await open([
      [100, 10],
      [120, 12],
      [30, 3],
      [70, 5],
    ])
    const { candidate } = { candidate: undefined, ...(await prometheus.candidate(BASKET, 0, 3)) }
    expect(candidate).toMatchObject({ count: 7, sum: 90 })
  })

  it('know the variance of single values as well as the values themselves would tell it', () => {
    const random = seeded(7)
    const [timesMs, sums, counts]: [number[], number[], number[]] = [[], [], []]
    let [sum, count] = [0, 0]
    for (let scrape = 0; scrape < 3_000; scrape++) {
      for (let n = Math.floor(random() * 12); n > 0; n--) {
        sum += random() * 60 // Uniform: the variance is 60²/12 = 300.
        count++
      }
      timesMs.push(scrape)
      sums.push(sum)
      counts.push(count)
    }
    const series = (values: number[]) => [{ labels: { pod: 'a' }, timesMs, values }]
    expect(varianceOf(batchesOf(series(sums), series(counts)))).toBeGreaterThan(280)
    expect(varianceOf(batchesOf(series(sums), series(counts)))).toBeLessThan(320)
  })

  it('are read of past blocks too', async () => {
    const prometheus = await open([
      [0, 0],
      [20, 2],
      [60, 4],
      [90, 6],
    ])
    const past = await prometheus.source.history?.(BASKET, { slot: 'green' }, prometheus.window(1, 3), 1_000)
    expect(past?.map(({ sample }) => (sample as MeanSample).sum)).toEqual([40, 30])
  })
})
