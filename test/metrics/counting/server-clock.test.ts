import { describe, expect, it } from '@jest/globals'
import { ServerClock } from '../../../src/metrics/counting/server-clock.js'
import type { Answer } from '../../../src/metrics/http/exchange.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { VirtualClock } from '../../memory/virtual-clock.js'

describe('the time of a vendor', () => {
  const at = (ms: number): Answer => ({
    status: 200,
    body: '',
    headers: { date: new Date(ms).toUTCString() },
  })

  /** A vendor that answers like this when it is asked for the time, one after the other. */
  function vendorOf(clock: VirtualClock, ...answers: readonly (() => Answer)[]) {
    const left = [...answers]
    const ask = async (): Promise<Answer> => {
      const next = left.shift()
      if (next === undefined) throw new Error('it was asked for the time once more')
      return next()
    }
    return new ServerClock(clock, ask)
  }

  it('is that of the runner as long as no answer tells another', () => {
    const clock = new VirtualClock()
    const vendor = vendorOf(clock)
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

  it('is asked for once, before anything else is', async () => {
    const clock = new VirtualClock()
    const ours = clock.wallTime().getTime()
    const vendor = vendorOf(clock, () => at(ours + 240_000))
    expect((await vendor.time()).getTime()).toBe(ours + 240_000)
    clock.advance(1_000)
    expect((await vendor.time()).getTime()).toBe(ours + 241_000)
  })

  it('is not asked for where another answer has told it', async () => {
    const clock = new VirtualClock()
    const vendor = vendorOf(clock)
    vendor.learn(at(clock.wallTime().getTime() - 60_000))
    expect((await vendor.time()).getTime()).toBe(clock.wallTime().getTime() - 60_000)
  })

  it('is not known while the vendor is away, and asked for again', async () => {
    const clock = new VirtualClock()
    const ours = clock.wallTime().getTime()
    const away = (): Answer => {
      throw new TransientError('it is away')
    }
    const vendor = vendorOf(clock, away, () => at(ours - 120_000))
    await expect(vendor.time()).rejects.toThrow('it is away')
    expect((await vendor.time()).getTime()).toBe(ours - 120_000)
  })

  it('is that of the runner where the vendor has none, and is not asked for again', async () => {
    const clock = new VirtualClock()
    const vendor = vendorOf(clock, () => ({ status: 404, body: '', headers: {} }))
    expect(await vendor.time()).toEqual(clock.wallTime())
    expect(await vendor.time()).toEqual(clock.wallTime())
  })
})
