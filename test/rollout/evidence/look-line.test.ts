import { describe, expect, it } from '@jest/globals'
import { lookLine, progressOf } from '../../../src/rollout/evidence/look-line.js'
import type { Block, Judgement, MetricJudgement } from '../../../src/rollout/ports/judge.js'

const block: Block = {
  fromMs: 0,
  toMs: 15_000,
  weight: 5,
  metrics: {
    errors: {
      stable: { kind: 'share', requests: 28_500, bad: 28 },
      candidate: { kind: 'share', requests: 1_500, bad: 3 },
    },
  },
}
const metric = (name: string, evidence?: { logE: number; needed: number }): MetricJudgement => ({
  name,
  verdict: 'inconclusive',
  reason: 'no harm so far',
  stable: { requests: 28_500, value: 0.001 },
  candidate: { requests: 1_500, value: 0.002 },
  unit: 'share',
  ...(evidence && { evidence: { ...evidence, course: [] } }),
})
const judgement = (metrics: readonly MetricJudgement[]): Judgement => ({
  verdict: 'inconclusive',
  reason: 'no harm so far',
  metrics,
})

describe('the line of a look', () => {
  it('says which block it was, what both sides did in it, and how far the evidence of each metric has come', () => {
    const metrics = [
      metric('errors', { logE: Math.log(37.2), needed: Math.log(100) }),
      metric('cpu'),
      metric('latency-p95', { logE: -1, needed: Math.log(40) }),
    ]
    expect(lookLine(block, judgement(metrics))).toBe(
      '15s at 5 %: stable 28,500 requests, 0.1 % errors; candidate 1,500 requests, 0.2 % errors: errors ×37 of 100 needed, cpu inconclusive, latency-p95 ×0.37 of 40 needed',
    )
  })

  it('says so where a source counts no requests', () => {
    const scalars: Block = { ...block, metrics: { cpu: { candidate: { kind: 'scalar', value: 0.4 } } } }
    expect(lookLine(scalars, judgement([metric('cpu')]))).toBe(
      '15s at 5 %: stable not counted; candidate not counted: cpu inconclusive',
    )
    expect(lookLine(block, judgement([]))).toMatch(/: inconclusive$/)
  })
})

describe('evidence', () => {
  it.each([
    [Math.log(0.001), '×0'],
    [Math.log(0.4), '×0.4'],
    [0, '×1'],
    [Math.log(3.21), '×3.2'],
    [Math.log(12_345), '×12,345'],
    [50, '×1,000,000+'],
    [2_000, '×1,000,000+'],
  ])('of ln %d is written in as many digits as one reads: %s', (logE, text) => {
    expect(progressOf(metric('errors', { logE, needed: Math.log(20) }))).toBe(`${text} of 20 needed`)
  })
})
