import { afterEach, describe, expect, it } from '@jest/globals'
import type { MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { ERRORS, OpenedPrometheus, requests } from './opened-prometheus.js'

const opened: OpenedPrometheus[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

/** Both sides have 60 good requests in each of ten seconds. */
async function serving(): Promise<OpenedPrometheus> {
  const prometheus = await OpenedPrometheus.open()
  opened.push(prometheus)
  for (let second = 0; second <= 10; second++)
    prometheus.scrape(second, requests(60 * second), requests(60 * second, { slot: 'blue' }))
  return prometheus
}

const bad = (selector: string): MetricQuery => ({
  ...ERRORS,
  settings: { ...ERRORS.settings, bad: selector },
})
const SILENT =
  'metric errors: no series match bad on either side, so that 0 errors are counted of 240 requests'

describe('bad ones that no series match, while there are requests', () => {
  it('are warned of, once, where the label is none of the requests’', async () => {
    const prometheus = await serving()
    const mistyped = bad('http_requests_total{slot="{{slot}}",status=~"5.."}')
    const reading = await prometheus.both(mistyped, 0, 2)
    await prometheus.both(mistyped, 2, 4)
    expect(reading).toMatchObject({ candidate: { requests: 120, bad: 0 }, stable: { requests: 120, bad: 0 } })
    expect(prometheus.warnings).toEqual([
      `${SILENT}: http_requests_total has no label status; it has code, instance, slot`,
    ])
    expect(prometheus.notes).toEqual([])
  })

  it('are noted, once, where they may only not have happened yet', async () => {
    const prometheus = await serving()
    await prometheus.both(ERRORS, 0, 2)
    await prometheus.both(ERRORS, 2, 4)
    expect(prometheus.warnings).toEqual([])
    expect(prometheus.notes).toEqual([
      `${SILENT}; if there ever were errors, look at the name and the labels of http_requests_total{slot="green",code=~"5.."}`,
    ])
  })

  it('are not spoken of before there are enough requests to tell', async () => {
    const prometheus = await serving()
    await prometheus.candidate(ERRORS, 0, 1)
    expect(prometheus.notes).toEqual([])
    await prometheus.candidate(ERRORS, 1, 2)
    expect(prometheus.notes).toHaveLength(1)
  })

  it('are not spoken of where either side, or the past of stable, had one', async () => {
    const prometheus = await serving()
    prometheus.scrape(0, requests(1, { slot: 'blue', code: '500' }))
    await prometheus.source.history?.(ERRORS, { slot: 'blue' }, prometheus.window(0, 2), 1_000)
    await prometheus.candidate(ERRORS, 2, 10)
    expect([...prometheus.warnings, ...prometheus.notes]).toEqual([])
  })
})
