import { describe, expect, it } from '@jest/globals'
import { LateMetrics } from '../../src/actions/late-metrics.js'
import type { MetricSource } from '../../src/rollout/ports/metric-source.js'
import { UserError } from '../../src/rollout/user-error.js'

const RUNNER = new Date('2026-01-06T11:00:00Z')
const WINDOW = { fromMs: 0, toMs: 1_000 }
const BY = { stable: undefined, candidate: { slot: 'green' } }
const errors = { name: 'errors', kind: 'share' } as const

const source: MetricSource = {
  name: 'prometheus',
  lagMs: 16_000,
  stepMs: 15_000,
  counts: () => Promise.resolve({ kind: 'no-data', why: 'nothing was scraped yet' }),
}

describe('metrics whose source is opened late', () => {
  it('open it when they are asked first, and once', async () => {
    let opened = 0
    const late = new LateMetrics(
      () => {
        opened++
        return Promise.resolve(source)
      },
      () => RUNNER,
    )
    expect([opened, late.name, late.lagMs, late.stepMs]).toEqual([0, 'the source of metrics', 0, 1])
    const [now, reading] = await Promise.all([late.now(), late.counts(errors, BY, WINDOW)])
    expect([now, reading]).toEqual([RUNNER, { kind: 'no-data', why: 'nothing was scraped yet' }])
    expect(await late.history(errors, { slot: 'blue' }, WINDOW, 1_000)).toEqual([])
    expect([opened, late.name, late.lagMs, late.stepMs]).toEqual([1, 'prometheus', 16_000, 15_000])
  })

  it('say what is wrong with it to a step that is going to judge, and to nobody else', async () => {
    const late = new LateMetrics(
      () => Promise.reject(new UserError('TOKEN is empty or not set')),
      () => RUNNER,
    )
    await expect(late.ready()).rejects.toThrow('TOKEN is empty or not set')
    await expect(late.now()).rejects.toThrow('TOKEN is empty or not set')
  })
})
