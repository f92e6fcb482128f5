import { describe, expect, it } from '@jest/globals'
import { VendorServer } from '../../../src/metrics/counting/vendor-server.js'
import { atMostEachEdge } from '../../../src/metrics/influxdb/le-buckets.js'
import { VirtualClock } from '../../memory/virtual-clock.js'

const context = {
  clock: new VirtualClock(),
  signal: new AbortController().signal,
  service: 'shop',
  warn: () => undefined,
}
const settings = { url: 'http://influx.example', bearer: 'token-token' }
const server = new VendorServer('influxdb', settings, context, () => ({}))

describe('buckets that InfluxDB gives by le', () => {
  it.each([
    [[{ value: 1, le: 'token-token\n::error::x' }], /with le \*\*\* : :error: :x/],
    [[{ value: 1 }], /a count without le/],
    [[{ value: 1, le: '0.5' }], /no \+Inf/],
  ])('are refused without a secret of ours and without a command to the runner: %j', (rows, told) => {
    const refused = (): unknown => atMostEachEdge(rows, 1, server)
    expect(refused).toThrow(told)
    expect(refused).not.toThrow(/token-token|\n/)
  })
})
