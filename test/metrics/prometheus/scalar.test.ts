import { afterEach, describe, expect, it } from '@jest/globals'
import type { MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { OpenedPrometheus } from './opened-prometheus.js'

const opened: OpenedPrometheus[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function open(data: Readonly<Record<string, unknown>>): Promise<OpenedPrometheus> {
  const one = await OpenedPrometheus.open({ values: { namespace: 'prod' } })
  opened.push(one)
  for (const [query, answer] of Object.entries(data)) one.double.data.set(query, answer)
  return one
}

const scalar = (query: string): MetricQuery => ({ name: 'load', kind: 'scalar', settings: { query } })

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-vectors */
const vector = (...values: readonly string[]) => ({
  resultType: 'vector',
  result: values.map((value, index) => ({ metric: { pod: `p${index}` }, value: [1_767_697_200, value] })),
})

describe('single numbers from Prometheus', () => {
  it('are what a query gives for each slot at the end of the window', async () => {
    const prometheus = await open({
      'load{slot="green",service="shop",namespace="prod"}': vector('0.75'),
      'load{slot="blue",service="shop",namespace="prod"}': {
        resultType: 'scalar',
        result: [1_767_697_200, '-1e3'],
      },
    })
    const metric = scalar('load{slot="{{slot}}",service="{{service}}",namespace="{{namespace}}"}')
    expect(await prometheus.both(metric, 0, 30)).toEqual({
      kind: 'samples',
      stable: { kind: 'scalar', value: -1_000 },
      candidate: { kind: 'scalar', value: 0.75 },
    })
    expect(prometheus.double.asked.map(({ time }) => time)).toEqual(['1767697230.000', '1767697230.000'])
  })

  it('look back over the window, and no less than a rate needs', async () => {
    const prometheus = await open({ 'rate(x[30s])': vector('1'), 'rate(x[4s])': vector('2') })
    const metric = scalar('rate(x[{{range}}])')
    expect(await prometheus.candidate(metric, 0, 30)).toMatchObject({ candidate: { value: 1 } })
    expect(await prometheus.candidate(metric, 0, 1)).toMatchObject({ candidate: { value: 2 } })
  })

  it('that speak of no slot are asked for once', async () => {
    const prometheus = await open({ queue_length: vector('7') })
    expect(await prometheus.both(scalar('queue_length'), 0, 30)).toMatchObject({
      stable: { value: 7 },
      candidate: { value: 7 },
    })
    expect(prometheus.double.asked).toHaveLength(1)
  })

  it.each([
    ['0 / 0', vector('NaN'), 'candidate: 0 / 0 gave NaN'],
    ['1 / 0', vector('+Inf'), 'candidate: 1 / 0 gave Infinity'],
    ['nothing', vector(), 'candidate: nothing gave nothing'],
  ])('are no data where there is no number: %s', async (query, data, why) => {
    const prometheus = await open({ [query]: data })
    expect(await prometheus.candidate(scalar(query), 0, 30)).toEqual({ kind: 'no-data', why })
  })

  it.each([
    [vector('1', '2'), /gave 2 series instead of one number/],
    [{ resultType: 'string', result: [1, 'x'] }, /gave a string instead of numbers/],
    [{ resultType: 'matrix', result: [] }, /gave a matrix instead of numbers/],
    [{ resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] }, /gave native histograms/],
  ])('are refused where there is something else: %#', async (data, told) => {
    const prometheus = await open({ up: data })
    await expect(prometheus.candidate(scalar('up'), 0, 30)).rejects.toThrow(told)
  })

  it('have no past', async () => {
    const prometheus = await open({})
    const past = prometheus.source.history?.(scalar('up'), {}, prometheus.window(0, 60), 1_000)
    expect(await past).toEqual([])
  })
})
