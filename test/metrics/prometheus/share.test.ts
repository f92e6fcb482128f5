import { afterEach, describe, expect, it } from '@jest/globals'
import { CANDIDATE, ERRORS, OpenedPrometheus, requests, type Opening } from './opened-prometheus.js'

const opened: OpenedPrometheus[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function open(opening?: Opening): Promise<OpenedPrometheus> {
  const one = await OpenedPrometheus.open(opening)
  opened.push(one)
  return one
}

const share = (all: number, bad: number) => ({ candidate: { kind: 'share', requests: all, bad } })

describe('requests and errors from Prometheus', () => {
  it('are counted from the value before the window to its end', async () => {
    const prometheus = await open()
    for (const [second, value] of [10, 14, 15, 25].entries()) prometheus.scrape(second, requests(value))
    expect(await prometheus.candidate(ERRORS, 0, 2)).toMatchObject(share(5, 0))
    expect(await prometheus.candidate(ERRORS, 2, 3)).toMatchObject(share(10, 0))
  })

  it('go on after a restart of the process', async () => {
    const prometheus = await open()
    for (const [second, value] of [100, 110, 4, 9].entries()) prometheus.scrape(second, requests(value))
    expect(await prometheus.candidate(ERRORS, 0, 3)).toMatchObject(share(19, 0))
  })

  it('of a series that was born after the rollout started are counted from 0', async () => {
    const prometheus = await open({ startedS: 1 })
    prometheus.scrape(1, requests(5))
    prometheus.scrape(2, requests(9), requests(1, { code: '500' }))
    prometheus.scrape(3, requests(9), requests(3, { code: '500' }), requests(7, { instance: 'green-1:80' }))
    expect(await prometheus.candidate(ERRORS, 1, 3)).toMatchObject({
      candidate: { requests: 4 + 3 + 7, bad: 3, pods: { 'green-0:80': [7, 3], 'green-1:80': [7, 0] } },
    })
  })

  it('of a series that was there before are not, however long it was not scraped', async () => {
    const prometheus = await open({ startedS: 1_000 })
    prometheus.scrape(900, requests(5_000))
    prometheus.scrape(2_000, requests(5_100))
    prometheus.scrape(2_001, requests(5_110))
    expect(await prometheus.candidate(ERRORS, 1_999, 2_001)).toMatchObject(share(110, 0))
    expect(await prometheus.candidate(ERRORS, 2_000, 2_001)).toMatchObject(share(10, 0))
  })

  it('of a first sample are unknown where nobody knows when the rollout started', async () => {
    const prometheus = await open({ startedS: undefined })
    prometheus.scrape(1, requests(5_000))
    prometheus.scrape(2, requests(5_010))
    expect(await prometheus.candidate(ERRORS, 0, 2)).toMatchObject(share(10, 0))
  })

  it('of a first sample from before the rollout are unknown', async () => {
    const prometheus = await open({ startedS: 10 })
    prometheus.scrape(1, requests(5_000))
    prometheus.scrape(2, requests(5_010))
    expect(await prometheus.candidate(ERRORS, 0, 2)).toMatchObject(share(10, 0))
  })

  it.each([-300, 300])(
    'are new by the clock of the server, from which the runner is off by %d s',
    async (runnerAheadS) => {
      const prometheus = await open({ startedS: 1, runnerAheadS })
      prometheus.scrape(2, requests(3))
      expect(await prometheus.candidate(ERRORS, 0, 2)).toMatchObject(share(3, 0))
      expect(await prometheus.source.now?.()).toEqual(new Date(prometheus.double.nowMs))
    },
  )

  it('are seen when the scrapes come back after a gap, and only then', async () => {
    const prometheus = await open({ startedS: 0 })
    prometheus.scrape(1, requests(10))
    prometheus.scrape(40, requests(70))
    expect(await prometheus.candidate(ERRORS, 1, 31)).toMatchObject({
      kind: 'no-data',
      why: 'candidate: nothing was scraped of http_requests_total{slot="green"} from 2026-01-06T11:00:01.000Z to 2026-01-06T11:00:31.000Z',
    })
    expect(await prometheus.candidate(ERRORS, 1, 40)).toMatchObject(share(60, 0))
    expect(await prometheus.candidate(ERRORS, 31, 40)).toMatchObject(share(60, 0))
  })

  it('are nothing yet for a side between two of its scrapes, and all there for the other', async () => {
    const prometheus = await open({ startedS: 0 })
    prometheus.scrape(1, requests(5), requests(50, { slot: 'blue' }))
    prometheus.scrape(2.2, requests(9))
    prometheus.scrape(2.7, requests(90, { slot: 'blue' }))
    expect(await prometheus.both(ERRORS, 2, 2.5)).toMatchObject({
      candidate: { requests: 4 },
      stable: undefined,
    })
    expect(await prometheus.both(ERRORS, 2.5, 3)).toMatchObject({
      candidate: undefined,
      stable: { requests: 40 },
    })
    expect(await prometheus.both(ERRORS, 2.3, 2.5)).toMatchObject({ candidate: undefined, stable: undefined })
  })

  it('are told apart by pod', async () => {
    const prometheus = await open({ startedS: 0 })
    const pod = (name: string) => ({ pod: name, instance: `${name}:80` })
    prometheus.scrape(
      1,
      requests(1, pod('a')),
      requests(2, { ...pod('a'), code: '503' }),
      requests(4, pod('b')),
    )
    expect(await prometheus.candidate(ERRORS, 0, 1)).toMatchObject({
      candidate: { requests: 7, bad: 2, pods: { a: [3, 2], b: [4, 0] } },
    })
  })

  it('are told apart by another label, and not at all by one that is not there', async () => {
    const named = await open({ startedS: 0, podLabel: 'task' })
    named.scrape(1, requests(2, { task: 't1' }))
    expect(await named.candidate(ERRORS, 0, 1)).toMatchObject({ candidate: { pods: { t1: [2, 0] } } })
    named.scrape(2, requests(3, { task: 't1' }), requests(9))
    expect(await named.candidate(ERRORS, 0, 2)).toEqual({
      kind: 'samples',
      stable: undefined,
      candidate: { kind: 'share', requests: 12, bad: 0 },
    })
  })

  it('of several selectors of bad ones are added up', async () => {
    const prometheus = await open({ startedS: 0 })
    prometheus.scrape(1, requests(5), requests(1, { code: '500' }), requests(2, { code: '408' }))
    const selector = (code: string): string => `http_requests_total{slot="{{slot}}",code="${code}"}`
    const settings = { ...ERRORS.settings, bad: [selector('500'), selector('408')] }
    expect(await prometheus.candidate({ ...ERRORS, settings }, 0, 1)).toMatchObject(share(8, 3))
  })

  it('are no data where no series is there, for either side', async () => {
    const prometheus = await open({ startedS: 0 })
    expect(await prometheus.candidate(ERRORS, 0, 1)).toEqual({
      kind: 'no-data',
      why: 'candidate: no series match http_requests_total{slot="green"}',
    })
    prometheus.scrape(1, requests(5))
    expect(await prometheus.both(ERRORS, 0, 1)).toEqual({
      kind: 'no-data',
      why: 'stable: no series match http_requests_total{slot="blue"}',
    })
  })

  it('are no requests, rather than no data, where the counters stand still', async () => {
    const prometheus = await open({ startedS: 0 })
    for (const second of [1, 2]) prometheus.scrape(second, requests(5))
    expect(await prometheus.candidate(ERRORS, 1, 2)).toMatchObject(share(0, 0))
  })

  it('are no data where they cannot be true', async () => {
    const prometheus = await open({ startedS: 0 })
    prometheus.scrape(1, requests(2.5), requests(1, { code: '500', slot: 'other' }))
    expect(await prometheus.candidate(ERRORS, 0, 1)).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('2.5 is no count of requests'),
    })
    prometheus.scrape(2, requests(4.5))
    const settings = { ...ERRORS.settings, bad: 'http_requests_total' }
    prometheus.scrape(2, requests(9, { slot: 'other' }))
    expect(await prometheus.candidate({ ...ERRORS, settings }, 1, 2)).toMatchObject({
      why: expect.stringContaining('11 bad ones of 2 requests'),
    })
  })

  it('leave pods out where one seems to have more errors than requests', async () => {
    const prometheus = await open({ startedS: 0 })
    prometheus.scrape(1, requests(9), requests(1, { instance: 'green-1:80', code: '500', slot: 'other' }))
    const settings = { ...ERRORS.settings, bad: 'http_requests_total{code="500"}' }
    expect(await prometheus.candidate({ ...ERRORS, settings }, 0, 1)).toEqual({
      kind: 'samples',
      stable: undefined,
      candidate: { kind: 'share', requests: 9, bad: 1 },
    })
  })

  it('come from raw samples, by POST, with what was scraped shortly before', async () => {
    const prometheus = await open()
    await prometheus.candidate(ERRORS, 10, 20)
    expect(prometheus.double.asked).toMatchObject([
      { query: 'http_requests_total{slot="green"}[13s]', time: '1767697220.000', partial: 'false' },
      { query: 'http_requests_total{slot="green",code=~"5.."}[13s]' },
    ])
  })
})

describe('the past of stable in Prometheus', () => {
  const past = async (prometheus: OpenedPrometheus, fromS: number, toS: number, blockS: number) =>
    prometheus.source.history?.(ERRORS, CANDIDATE, prometheus.window(fromS, toS), blockS * 1_000)

  it('is one query for each counter, cut into blocks that end with the window', async () => {
    const prometheus = await open({ startedS: 60 })
    for (let second = 0; second <= 60; second++) {
      prometheus.scrape(second, requests(second * 10), requests(Math.floor(second / 20), { code: '500' }))
    }
    const blocks = await past(prometheus, 5, 60, 20)
    expect(blocks).toEqual([
      {
        ...prometheus.window(20, 40),
        sample: { kind: 'share', requests: 201, bad: 1, pods: { 'green-0:80': [201, 1] } },
      },
      {
        ...prometheus.window(40, 60),
        sample: { kind: 'share', requests: 201, bad: 1, pods: { 'green-0:80': [201, 1] } },
      },
    ])
    expect(prometheus.double.asked.filter(({ query }) => query !== 'time()')).toHaveLength(2)
  })

  it('begins where it was scraped first, and leaves out what was not scraped', async () => {
    const prometheus = await open()
    for (let second = 15; second <= 60; second++) {
      if (second <= 30 || second > 40) prometheus.scrape(second, requests(1_000 + second))
    }
    const blocks = await past(prometheus, 0, 60, 10)
    expect(blocks?.map(({ fromMs, sample }) => [fromMs, sample])).toMatchObject([
      [prometheus.window(20, 30).fromMs, { requests: 10 }],
      [prometheus.window(40, 50).fromMs, { requests: 20 }],
      [prometheus.window(50, 60).fromMs, { requests: 10 }],
    ])
  })

  it('is empty where the time is shorter than a block', async () => {
    expect(await past(await open(), 0, 5, 10)).toEqual([])
  })
})

describe('the scrape interval', () => {
  it('is found out from the samples, gaps and resets or not', async () => {
    const prometheus = await open({ startedS: 0, findInterval: true })
    expect([prometheus.source.stepMs, prometheus.source.lagMs]).toEqual([30_000, 31_000])
    for (const second of [0, 5.004, 10, 15.001, 40, 45, 50]) prometheus.scrape(second, requests(7))
    await prometheus.candidate(ERRORS, 0, 50)
    expect([prometheus.source.stepMs, prometheus.source.lagMs]).toEqual([5_000, 6_000])
  })
})
