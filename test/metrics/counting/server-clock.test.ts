import { describe, expect, it } from '@jest/globals'
import { ServerClock } from '../../../src/metrics/counting/server-clock.js'
import { VirtualClock } from '../../memory/virtual-clock.js'

describe('the time of a vendor', () => {
  const at = (ms: number) => ({ status: 200, body: '', headers: { date: new Date(ms).toUTCString() } })

  it('is that of the runner until an answer tells another', () => {
    const clock = new VirtualClock()
    const vendor = new ServerClock(clock)
    const ours = clock.wallTime().getTime()
    expect(vendor.now().getTime()).toBe(ours)
    vendor.learn(at(ours - 9_000))
    expect(vendor.now().getTime()).toBe(ours)
    vendor.learn(at(ours - 300_000))
    clock.advance(5_000)
    expect(vendor.now().getTime()).toBe(ours - 295_000)
    vendor.learn({ status: 200, body: '', headers: {} })
    expect(vendor.now().getTime()).toBe(ours - 295_000)
    vendor.learn(at(ours + 5_000))
    expect(vendor.now().getTime()).toBe(ours + 5_000)
  })
})
