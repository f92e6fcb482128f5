import { describe, expect, it } from '@jest/globals'
import { describeFigures, figuresOf, requestsOf } from '../../../src/rollout/evidence/figures.js'
import type { Block } from '../../../src/rollout/ports/judge.js'
import type { LatencySample } from '../../../src/rollout/ports/metric-source.js'

const latency = (counts: readonly number[]): LatencySample => ({
  kind: 'latency',
  edgesMs: [10, 20, 40],
  counts,
})
const block = (metrics: Block['metrics']): Block => ({ fromMs: 0, toMs: 1, weight: 25, metrics })

describe('figures of several blocks', () => {
  const blocks = [
    block({
      errors: { candidate: { kind: 'share', requests: 100, bad: 1 } },
      'latency-p95': { candidate: latency([50, 50, 0, 0]) },
    }),
    block({
      errors: { candidate: { kind: 'share', requests: 300, bad: 3 } },
      'latency-p95': { candidate: latency([150, 150, 0, 0]) },
    }),
  ]

  it('add up', () => {
    expect(figuresOf(blocks, 'candidate')).toEqual({ requests: 400, errors: 4, p95Ms: 19 })
    expect(figuresOf(blocks, 'stable')).toBeUndefined()
  })

  it('are those of the first metric of a kind: another counts the same requests once more', () => {
    const twice = blocks.map(({ metrics }, index) =>
      block({
        ...(index > 0 && metrics),
        errors: { candidate: { kind: 'share', requests: 100, bad: 1 } },
        'latency-p50': { candidate: latency([100, 0, 0, 0]) },
        answers: { candidate: { kind: 'share', requests: 1_000, bad: 500 } },
        'latency-p95': { candidate: latency([0, 0, 0, 100]) },
      }),
    )
    expect(figuresOf(twice, 'candidate')).toEqual({ requests: 200, errors: 2, p95Ms: 9.5 })
  })

  it('speak of latency alone where errors are not counted', () => {
    const alone = [block({ slow: { stable: latency([1, 2, 3, 4]) } })]
    expect(figuresOf(alone, 'stable')).toEqual({ requests: 10, p95Ms: 40 })
    expect(requestsOf(undefined)).toBe(0)
  })

  it('leave out what are no requests, and count the values of a mean', () => {
    const mean = { kind: 'mean', count: 12, sum: 600, sumOfSquares: 40_000 } as const
    const scalar = { kind: 'scalar', value: 0.7 } as const
    expect(figuresOf([block({ basket: { candidate: mean }, cpu: { candidate: scalar } })], 'candidate')).toBe(
      undefined,
    )
    const beside = block({ ...blocks[0]?.metrics, basket: { candidate: mean } })
    expect(figuresOf([beside], 'candidate')?.requests).toBe(100)
    expect([requestsOf(mean), requestsOf(scalar)]).toEqual([12, 0])
  })

  it('are said in words with their units', () => {
    expect(describeFigures({ requests: 1_204, errors: 1, p95Ms: 12.4 })).toBe(
      '1,204 requests, 0.1 % errors, p95 12 ms',
    )
    expect(describeFigures({ requests: 0, errors: 0 })).toBe('no requests')
    expect(describeFigures(undefined)).toBe('no requests')
  })
})
