import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { once } from 'node:events'
import { request } from 'node:http'

import { AnswerSeries, AnswerSums } from '../../../../src/platforms/local/forwarding/answer-series.js'
import { LATENCY_EDGES_MS, latencyIndex } from '../../../../src/platforms/local/forwarding/latency-edges.js'
import { ask, each } from './client.js'
import { Stage } from './stage.js'

describe('what a slot answered', () => {
  let stage: Stage
  let from: number
  beforeEach(async () => {
    stage = await Stage.open({ service: 'shop "east"', environment: 'staging' })
    from = Date.now()
    await stage.put('blue', 'v1', (asked, response) => {
      response.statusCode = Number(asked.url?.slice(1)) || 200
      response.end('body')
    })
    stage.split({ blue: 100, green: 0 })
  })
  afterEach(() => stage.close())

  const counts = (slot: 'blue' | 'green' = 'blue', version?: string) =>
    stage.forwarder.counts({
      slot,
      fromMs: from,
      toMs: Date.now() + 1_000,
      ...(version === undefined ? {} : { version }),
    })

  it('is counted by class of status, errors apart, once an answer has been read', async () => {
    const statuses = [200, 201, 301, 404, 404, 500, 503, 204]
    for (const [index, status] of statuses.entries()) {
      await ask(stage.port, { path: `/${status}` })
      expect(counts().requests).toBe(index + 1)
    }
    expect(counts()).toMatchObject({
      requests: 8,
      errors: 2,
      classes: { '1xx': 0, '2xx': 3, '3xx': 1, '4xx': 2, '5xx': 2 },
    })
    expect(sum(counts().latency.counts)).toBe(8)
    expect(counts().latency.edgesMs).toEqual(LATENCY_EDGES_MS)
    expect(counts('green').requests).toBe(0)
  })

  it('includes the 502 that we had to make for it, and answers that broke off', async () => {
    await stage.put('blue', 'v1', (asked, response) => {
      if (asked.url === '/broken') {
        response.writeHead(200, { 'content-length': '9' })
        response.write('half', () => response.destroy())
      } else response.destroy()
    })
    expect((await ask(stage.port)).status).toBe(502)
    await expect(ask(stage.port, { path: '/broken' })).rejects.toThrow()
    expect(counts()).toMatchObject({ requests: 2, errors: 2, classes: { '5xx': 2 } })
  })

  it('does not blame it for a client that went away', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>()
    const { promise: gone, resolve: leave } = Promise.withResolvers<void>()
    await stage.put('blue', 'v1', (_asked, response) => {
      response.on('close', leave)
      resolve()
    })
    const sent = request({ port: stage.port }).end()
    sent.on('error', () => {})
    await arrived
    sent.destroy()
    await gone
    expect(counts()).toMatchObject({ requests: 1, errors: 0, classes: { '4xx': 1 } })
  })

  it('is told apart by version', async () => {
    await ask(stage.port)
    await stage.put('blue', 'v2')
    await each(3, 1, () => ask(stage.port))
    expect([counts().requests, counts('blue', 'v1').requests, counts('blue', 'v2').requests]).toEqual([
      4, 1, 3,
    ])
  })

  it('leaves out what came by the slot’s own address, and Prometheus has it under its own label', async () => {
    const own = await stage.forwarder.listenSlot('blue', 0)
    await ask(own, { path: '/500' })
    await ask(stage.port)
    expect(counts()).toMatchObject({ requests: 1, errors: 0 })
    const text = stage.forwarder.prometheus()
    const labels = 'service="shop \\"east\\"",environment="staging",slot="blue",version="v1"'
    expect(text).toContain(`tuesday_requests_total{${labels},entry="slot",class="5xx"} 1\n`)
    expect(text).toContain(`tuesday_requests_total{${labels},entry="public",class="2xx"} 1\n`)
    expect(text).toContain(`tuesday_errors_total{${labels},entry="public"} 0\n`)
  })

  it('leaves out what testers ask, who choose their release by a header, and Prometheus has it under its own label', async () => {
    await stage.put('green', 'v2', (_asked, response) => {
      response.statusCode = 500
      response.end()
    })
    stage.split({ blue: 50, green: 50 })
    for (const slot of ['green', 'blue', 'green'])
      await ask(stage.port, { path: '/500', headers: { 'x-tuesday-slot': slot } })
    expect([counts('green'), counts('blue')]).toMatchObject([{ requests: 0 }, { requests: 0 }])
    const text = stage.forwarder.prometheus()
    expect(text).toContain('slot="green",version="v2",entry="tester",class="5xx"} 2\n')
    expect(text).toContain('slot="blue",version="v1",entry="tester"} 1\n')
    expect(text).not.toContain('entry="public"')
  })

  it('puts a latency where it belongs', async () => {
    await stage.put('blue', 'v1', (_asked, response) => void setTimeout(() => response.end(), 60))
    await ask(stage.port)
    const { latency } = counts()
    const index = latency.counts.findIndex((count) => count > 0)
    expect(LATENCY_EDGES_MS[index] ?? Infinity).toBeGreaterThan(50)
  })

  it('is text that Prometheus can read: every family has help, type and its samples together', async () => {
    await each(5, 1, () => ask(stage.port))
    const sent = request({ port: stage.port, path: '/200' }).end()
    await once(sent, 'response')
    const lines = stage.forwarder.prometheus().split('\n')
    expect(lines.pop()).toBe('')
    const seen = new Set<string>()
    let family = ''
    for (const line of lines) {
      const [, kind, name] = /^# (HELP|TYPE) (\S+) .+$/.exec(line) ?? []
      if (kind === 'HELP' && name !== undefined) {
        expect(seen.has(name)).toBe(false)
        seen.add((family = name))
      } else if (kind === 'TYPE') expect(name).toBe(family)
      else {
        expect(line).toMatch(
          /^[a-z_]+(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? \d+(\.\d+)?(e-\d+)?$/,
        )
        expect(line.startsWith(family)).toBe(true)
      }
    }
    const buckets = lines.filter((line) => line.includes('_bucket{') && line.includes('entry="public"'))
    const values = buckets.map((line) => Number(line.split(' ').at(-1)))
    expect(values).toEqual([...values].sort((one, other) => one - other))
    expect(buckets.at(-1)).toContain('le="+Inf"')
    expect(values.at(-1)).toBe(6)
  })
})

describe('counts of a window', () => {
  const second = 1_800_000_000

  it('add up: windows side by side lose nothing and double nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 59_999 }), { maxLength: 200 }),
        fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 8 }),
        (offsets, cuts) => {
          const series = new AnswerSeries()
          for (const offset of [...offsets].sort((one, other) => one - other)) {
            series.record(200, false, 5, second * 1_000 + offset)
          }
          const edges = [0, ...cuts, 60_000].sort((one, other) => one - other)
          let total = 0
          for (let at = 1; at < edges.length; at++) {
            const sums = new AnswerSums()
            series.addWindow(sums, second * 1_000 + (edges[at - 1] ?? 0), second * 1_000 + (edges[at] ?? 0))
            total += sums.requests
          }
          expect(total).toBe(offsets.length)
        },
      ),
    )
  })

  it('go back thirty minutes and forget what is older', () => {
    const series = new AnswerSeries()
    series.record(200, false, 5, second * 1_000)
    series.record(200, false, 5, (second + 1_799) * 1_000)
    const all = (): number => {
      const sums = new AnswerSums()
      series.addWindow(sums, second * 1_000, (second + 1_801) * 1_000)
      return sums.requests
    }
    expect(all()).toBe(1)
    series.record(200, false, 5, (second + 1_800) * 1_000)
    expect(all()).toBe(2)
    expect(series.sums.requests).toBe(3)
  })

  it('put each latency under the first edge that it does not exceed', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 20_000, noNaN: true }), (ms) => {
        const index = latencyIndex(ms)
        expect(ms).toBeLessThanOrEqual(LATENCY_EDGES_MS[index] ?? Infinity)
        if (index > 0) expect(ms).toBeGreaterThan(LATENCY_EDGES_MS[index - 1] ?? Infinity)
      }),
    )
  })
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
