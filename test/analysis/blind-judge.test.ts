import { describe, expect, it } from '@jest/globals'
import { judgeBlocks } from '../../src/analysis/judge.js'
import type { Block, JudgeParameters, MetricRule } from '../../src/rollout/ports/judge.js'
import type { Sample } from '../../src/rollout/ports/metric-source.js'

const ERRORS: MetricRule = { name: 'm', kind: 'share' }
const share = (bad: number, requests: number): Sample => ({ kind: 'share', requests, bad })
interface Side {
  readonly stable?: Sample
  readonly candidate?: Sample
}

/** Blocks of 10 s: so many of each in a row. */
function blocksOf(weight: number, ...parts: readonly (readonly [number, Side])[]): Block[] {
  const sides = parts.flatMap(([count, side]) => Array.from({ length: count }, () => side))
  return sides.map((side, i) => ({
    fromMs: i * 10_000,
    toMs: (i + 1) * 10_000,
    weight,
    metrics: { m: side },
  }))
}

const atTheEnd = (blocks: readonly Block[], rule = ERRORS, more: Partial<JudgeParameters> = {}) =>
  judgeBlocks({ rules: [rule], minSamples: 100, holdOver: true, ...more }, blocks)

const HISTORY = [60, { stable: share(1, 1_000) }] as const
const HEALTHY = { stable: share(1, 950), candidate: share(0, 50) }
const BROKEN = { stable: share(1, 950), candidate: share(50, 50) }

describe('a hold that could not have shown harm does not pass', () => {
  it.each([2, 3])('with %d blocks that answer nothing but errors, the first without a record', (count) => {
    expect(atTheEnd(blocksOf(5, [count, BROKEN]))).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('hold for 40 s or longer'),
    })
  })

  it('but a third block that can be compared fails it', () => {
    expect(atTheEnd(blocksOf(5, HISTORY, [3, BROKEN])).verdict).toBe('fail')
  })

  it('where it broke in the last 20 s', () => {
    expect(atTheEnd(blocksOf(5, HISTORY, [20, HEALTHY], [2, BROKEN]))).toMatchObject({
      verdict: 'inconclusive',
      reason: 'm: the last 20 s look like a failure, and are too short to be sure',
    })
  })

  it('but an outage that is over does not keep it from passing', () => {
    expect(atTheEnd(blocksOf(5, HISTORY, [9, HEALTHY], [2, BROKEN], [9, HEALTHY])).verdict).toBe('pass')
  })
})

describe('means of few values', () => {
  const mean = (count: number, value: number): Sample => ({
    kind: 'mean',
    count,
    sum: count * value,
    sumOfSquares: count * (value * value + 1),
  })
  const rule: MetricRule = { name: 'm', kind: 'mean' }
  const judged = (perBlock: number, value: number) =>
    atTheEnd(blocksOf(5, [30, { stable: mean(100, 10), candidate: mean(perBlock, value) }]), rule, {
      minSamples: 20,
    })

  it('do not pass where they could never be compared', () => {
    expect(judged(1, 100)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('the means were never compared: that takes 50 values of each side'),
    })
  })

  it('are compared where there are enough', () => {
    expect([judged(10, 100).verdict, judged(10, 10).verdict]).toEqual(['fail', 'pass'])
  })
})

describe('a side that falls silent', () => {
  it.each([
    ['stable', { candidate: share(50, 50) }],
    ['stable', { stable: share(0, 0), candidate: share(50, 50) }],
    ['the candidate', { stable: share(1, 950) }],
    ['the candidate', { stable: share(1, 950), candidate: share(0, 0) }],
  ])('is named: %s', (who, silent) => {
    expect(atTheEnd(blocksOf(5, HISTORY, [10, HEALTHY], [7, silent]))).toMatchObject({
      verdict: 'inconclusive',
      reason: `m: no data of ${who} for the last 70 s`,
    })
  })

  it('is waited for as long as ten gaps between its requests', () => {
    const seldom = [
      [60, HISTORY[1]],
      [40, { ...HEALTHY, candidate: share(0, 1) }],
    ] as const
    const silent = { ...HEALTHY, candidate: share(0, 0) }
    const after = (count: number) =>
      atTheEnd(blocksOf(5, ...seldom, [count, silent]), ERRORS, { minSamples: 1 }).verdict
    expect([after(10), after(11)]).toEqual(['pass', 'inconclusive'])
  })

  it('keeps a threshold from passing', () => {
    const rule: MetricRule = { ...ERRORS, method: 'threshold', limit: 0.01 }
    expect(atTheEnd(blocksOf(5, [10, HEALTHY], [100, {}]), rule)).toMatchObject({
      verdict: 'inconclusive',
      reason: 'm: no data of the candidate for the last 1,000 s',
    })
  })
})

describe("Mann and Whitney's test", () => {
  const rule: MetricRule = { ...ERRORS, method: 'mann-whitney', mannWhitney: { intervalMs: 10_000 } }
  const gone = { candidate: share(50, 50) }

  it('does not pass while one side is silent at the end', () => {
    expect(atTheEnd(blocksOf(5, [40, HEALTHY], [7, gone]), rule)).toMatchObject({
      verdict: 'inconclusive',
      reason: 'm: no data of stable for the last 70 s',
    })
  })

  it('does not pass where one side has far fewer values than the other', () => {
    const all = blocksOf(5, [40, gone], [10, HEALTHY], [1, gone])
    const same = all.map((block) => ({
      ...block,
      metrics: { m: { ...block.metrics['m'], candidate: share(0, 50) } },
    }))
    expect(atTheEnd(same, rule).reason).toContain('51 values of the candidate and 10 of stable')
  })

  it('compares at most 300 values of each side, however many were measured', () => {
    const many = blocksOf(5, [6_000, HEALTHY])
    expect(atTheEnd(many, rule).reason).toMatch(/in the mean of (2\d\d|300) and (2\d\d|300) values/)
  })
})

describe('what cannot be compared does not pass', () => {
  const rule: MetricRule = { name: 'm', kind: 'latency' }
  const buckets = (edgesMs: readonly number[], ...counts: number[]): Sample => ({
    kind: 'latency',
    edgesMs,
    counts,
  })
  const slow = buckets([10, 20], 0, 0, 50)

  it.each([
    ['buckets that differ', { stable: buckets([5, 20], 900, 50, 0), candidate: slow }],
    ['stable beyond the last edge', { stable: buckets([10, 20], 0, 0, 950), candidate: slow }],
  ])('latency: %s', (_, side) => {
    expect(atTheEnd(blocksOf(5, [30, side]), rule)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('never compared'),
    })
  })

  it('a limit beyond the last edge, where the candidate is beyond it too', () => {
    const limited = { ...rule, limit: 5_000 }
    const quick = buckets([10, 20], 50, 0, 0)
    expect(atTheEnd(blocksOf(100, [30, { candidate: slow }]), limited).verdict).toBe('inconclusive')
    expect(atTheEnd(blocksOf(100, [30, { candidate: quick }]), limited).verdict).toBe('pass')
  })

  it('at 100 % with no stable release, no record and no limit', () => {
    expect(atTheEnd(blocksOf(100, [30, { candidate: share(1_000, 1_000) }]))).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('no limit is configured'),
    })
  })
})
