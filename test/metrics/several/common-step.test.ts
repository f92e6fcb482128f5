import { describe, expect, it } from '@jest/globals'
import { commonStep, refuseOddSteps } from '../../../src/metrics/several/common-step.js'
import type { MetricSource } from '../../../src/rollout/ports/metric-source.js'
import { UserError } from '../../../src/rollout/user-error.js'

function every(stepMs: number | undefined, name = 'source', anyMoment = false): MetricSource {
  return {
    name,
    lagMs: 0,
    anyMoment,
    ...(stepMs !== undefined && { stepMs }),
    counts: () => Promise.resolve({ kind: 'no-data', why: 'not asked' }),
  }
}

/** As Prometheus counts: between any two moments. */
const free = (stepMs: number): MetricSource => every(stepMs, 'prometheus', true)

describe('the windows of sources that count at moments of their own', () => {
  it.each([
    [[15_000, 60_000], 60_000],
    [[10_000, 15_000], 30_000],
    [[1_000, 10_000, 60_000], 60_000],
    [[60_000, 300_000], 300_000],
    [[600_000], 600_000],
    [[300_000, 600_000], 600_000],
    [[undefined, 1_000], 1_000],
    [[undefined, undefined], 1],
  ])('every %j ms end where all have counts: every %i ms', (steps, common) => {
    const sources = steps.map((step) => every(step))
    expect(() => refuseOddSteps(sources)).not.toThrow()
    expect(commonStep(sources)).toBe(common)
  })

  it.each([
    [[15_100, 60_000], /main every 15.1 s, sales every 60 s$/],
    [[7_000, 60_000], /main every 7 s, sales every 60 s$/],
    [[31_000, 600_000], /main every 31 s, sales every 600 s$/],
  ])('every %j ms are refused, since they hardly ever meet', (steps, told) => {
    const sources = steps.map((step, index) => every(step, ['main', 'sales'][index]))
    expect(() => refuseOddSteps(sources)).toThrow(UserError)
    expect(() => refuseOddSteps(sources)).toThrow(told)
    try {
      refuseOddSteps(sources)
    } catch (thrown) {
      expect(thrown).toMatchObject({ hint: expect.stringContaining('Set step') })
    }
  })
})

describe('the windows of a source that counts between any two moments', () => {
  it.each([
    ['15 s and 60 s', [free(15_000), every(60_000)], 60_000],
    ['15.1 s and 60 s', [free(15_100), every(60_000)], 60_000],
    ['15 s and 10 s', [free(15_000), every(10_000)], 20_000],
    ['15.1 s and 1 s', [free(15_100), every(1_000)], 16_000],
    ['two of it, 15.1 s and 60 s', [free(15_100), free(60_000)], 60_000],
  ])('are as long as its step, and end where the other has counts: %s', (_, sources, common) => {
    expect(() => refuseOddSteps(sources)).not.toThrow()
    expect(commonStep(sources)).toBe(common)
  })
})
