import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { judgeThreshold } from '../../src/analysis/threshold.js'
import type { Block, MetricRule, ThresholdRule } from '../../src/rollout/ports/judge.js'
import type { Sample } from '../../src/rollout/ports/metric-source.js'

const share = (bad: number, requests = 100): Sample => ({ kind: 'share', requests, bad })
const scalar = (value: number): Sample => ({ kind: 'scalar', value })

/** Blocks of 10 s, with what the candidate did in each. */
const blocksOf = (samples: readonly (Sample | undefined)[], weight = 5): Block[] =>
  samples.map((candidate, i) => ({
    fromMs: i * 10_000,
    toMs: (i + 1) * 10_000,
    weight,
    metrics: { errors: { stable: share(0, 900), ...(candidate && { candidate }) } },
  }))

function judged(
  samples: readonly (Sample | undefined)[],
  threshold: ThresholdRule = {},
  rule: Partial<MetricRule> = {},
  holdOver = true,
) {
  const whole: MetricRule = {
    name: 'errors',
    kind: 'share',
    method: 'threshold',
    limit: 0.01,
    threshold,
    ...rule,
  }
  return judgeThreshold(whole, blocksOf(samples), { rules: [], minSamples: 100, holdOver })
}

const [good, bad] = [share(0), share(5)]

describe('a threshold', () => {
  it('fails at the first measurement beyond the limit, and says so with numbers and units', () => {
    expect(judged([good, good, bad], {}, {}, false)).toEqual({
      name: 'errors',
      verdict: 'fail',
      reason: 'errors: 1 of 3 measurements above the limit of 1 %, 0 allowed; the worst was 5 %',
      stable: { requests: 2_700, value: 0 },
      candidate: { requests: 300, value: 5 / 300 },
      unit: 'share',
    })
  })

  it('is kept by what lies right on it', () => {
    expect(judged([share(1), share(1)]).verdict).toBe('pass')
  })

  it('allows as many measurements beyond it as it is told', () => {
    expect(judged([bad, good, bad, good, bad], { failureLimit: 3 }).verdict).toBe('pass')
    expect(judged([bad, good, bad, good, bad, bad], { failureLimit: 3 }).verdict).toBe('fail')
  })

  it('counts those in a row apart: others break the row, those without data do not', () => {
    const rule = { consecutiveLimit: 2 }
    expect(judged([bad, bad, good, bad, bad, good], rule).verdict).toBe('pass')
    expect(judged([bad, bad, undefined, bad, good], rule)).toMatchObject({
      verdict: 'fail',
      reason: 'errors: 3 in a row of 4 measurements above the limit of 1 %, 2 allowed; the worst was 5 %',
    })
    expect(judged([bad, bad, good, bad], { ...rule, failureLimit: 2 }).verdict).toBe('fail')
  })

  it('passes when the hold is over and enough requests were seen, not before', () => {
    expect(judged([good, good], {}, {}, false)).toMatchObject({
      verdict: 'inconclusive',
      reason: 'errors: 0 of 2 measurements above the limit of 1 %; the last was 0 %; not enough so far',
    })
    expect(judged([good, good])).toMatchObject({
      verdict: 'pass',
      reason: 'errors: 0 of 2 measurements above the limit of 1 %; the last was 0 %',
    })
    expect(judged([share(0, 40), share(0, 40)])).toMatchObject({
      verdict: 'inconclusive',
      reason: 'errors: 80 of the 100 requests at the candidate that a verdict needs',
    })
  })

  it('passes before the hold is over once as many measurements as wanted are there', () => {
    expect(judged([good, good], { count: 3 }, {}, false).verdict).toBe('inconclusive')
    expect(judged([good, good, good], { count: 3 }, {}, false).verdict).toBe('pass')
    expect(judged([good, undefined, good], { count: 3 }, {}, false).verdict).toBe('inconclusive')
  })

  it('counts measurements for a pass since the weight last changed', () => {
    const rule: MetricRule = { name: 'errors', kind: 'share', limit: 0.01, threshold: { count: 3 } }
    const later = blocksOf([good, good], 25).map((block) => ({
      ...block,
      fromMs: block.fromMs + 30_000,
      toMs: block.toMs + 30_000,
    }))
    const blocks = [...blocksOf([good, good, good]), ...later]
    expect(judgeThreshold(rule, blocks, { rules: [], minSamples: 100, holdOver: false }).verdict).toBe(
      'inconclusive',
    )
  })

  it('still counts failures at earlier weights', () => {
    const rule: MetricRule = { name: 'errors', kind: 'share', limit: 0.01, threshold: { failureLimit: 1 } }
    const later = blocksOf([good, bad], 25).map((block) => ({
      ...block,
      fromMs: block.fromMs + 10_000,
      toMs: block.toMs + 10_000,
    }))
    const blocks = [...blocksOf([bad]), ...later]
    expect(judgeThreshold(rule, blocks, { rules: [], minSamples: 100, holdOver: false }).verdict).toBe('fail')
  })

  it.each([
    ['no blocks', []],
    ['no data of the candidate', [undefined, undefined]],
    ['no requests of the candidate', [share(0, 0), share(0, 0)]],
    ['counts of another kind', [scalar(4), scalar(4)]],
    ['more bad requests than requests', [share(300), share(300)]],
  ])('neither passes nor fails with %s', (_, samples) => {
    expect(judged(samples).verdict).toBe('inconclusive')
  })

  it('does not pass while its source is silent for longer than is allowed', () => {
    const samples = [good, good, undefined, undefined]
    expect(judged(samples).verdict).toBe('pass')
    expect(judged(samples, { consecutiveErrorLimit: 2 }).verdict).toBe('pass')
    expect(judged(samples, { consecutiveErrorLimit: 1 })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'errors: no data in 2 measurements in a row, 1 allowed',
    })
  })

  it('judges nothing without a limit', () => {
    const rule: MetricRule = { name: 'errors', kind: 'share' }
    const judgement = judgeThreshold(rule, blocksOf([bad, bad]), { rules: [], minSamples: 1, holdOver: true })
    expect(judgement).toMatchObject({ verdict: 'inconclusive', reason: expect.stringContaining('no limit') })
  })

  it('marks a dry run, so that it decides nothing', () => {
    expect(judged([bad], { dryRun: true })).toMatchObject({
      verdict: 'fail',
      dryRun: true,
      reason: expect.stringContaining('(dry run: only reported)'),
    })
    expect(judged([bad])).not.toHaveProperty('dryRun')
  })
})

describe('a measurement', () => {
  it('puts blocks together until its interval is full, and not before', () => {
    const rule = { intervalMs: 30_000 }
    expect(judged([bad, bad], rule, {}, false).verdict).toBe('inconclusive')
    expect(judged([bad, good, good], rule).verdict).toBe('fail')
    expect(judged([share(1), good, good, share(2), share(1), good], rule)).toMatchObject({
      reason: 'errors: 0 of 2 measurements above the limit of 1 %; the last was 1 %',
    })
  })

  it('reaches back as far as its window, at every interval', () => {
    const rule = { windowMs: 30_000 }
    const samples = [share(9), good, good, good, good]
    expect(judged(samples.slice(0, 2), rule).verdict).toBe('inconclusive')
    expect(judged(samples, { ...rule, failureLimit: 1 })).toMatchObject({
      verdict: 'pass',
      reason: 'errors: 1 of 3 measurements above the limit of 1 %; the last was 0 %',
    })
  })

  it('of a latency is its percentile', () => {
    const latency = (...counts: number[]): Sample => ({ kind: 'latency', edgesMs: [10, 100, 1_000], counts })
    const rule = { kind: 'latency', percentile: 90, limit: 100 } as const
    expect(judged([latency(0, 95, 5, 0)], {}, rule).verdict).toBe('pass')
    expect(judged([latency(0, 80, 20, 0)], {}, rule)).toMatchObject({
      verdict: 'fail',
      unit: 'ms',
      reason: 'errors: 1 of 1 measurements above the limit of 100 ms, 0 allowed; the worst was 550 ms',
    })
  })

  it('of a mean is the mean, and lower may be worse', () => {
    const mean = (value: number): Sample => ({
      kind: 'mean',
      count: 100,
      sum: 100 * value,
      sumOfSquares: 1e6,
    })
    const rule = { kind: 'mean', worse: 'lower', limit: 30 } as const
    expect(judged([mean(31), mean(30)], {}, rule).verdict).toBe('pass')
    expect(judged([mean(31), mean(29)], {}, rule)).toMatchObject({
      verdict: 'fail',
      unit: 'value',
      reason: 'errors: 1 of 2 measurements below the limit of 30, 0 allowed; the worst was 29',
    })
  })

  it('of a scalar is the scalar, which needs no number of requests', () => {
    const rule = { kind: 'scalar', limit: 4 } as const
    expect(judged([scalar(4)], {}, rule)).toMatchObject({
      verdict: 'pass',
      candidate: { requests: 1, value: 4 },
    })
    expect(judged([scalar(4), scalar(4.1)], {}, rule).verdict).toBe('fail')
    expect(judged([scalar(Number.NaN)], {}, rule).verdict).toBe('inconclusive')
  })
})

describe('for any counts a threshold', () => {
  const anyShare = fc
    .record({ requests: fc.integer({ min: 0, max: 500 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ requests, part }) => share(Math.floor(part * requests), requests))
  const samples = fc.array(fc.option(anyShare, { nil: undefined }), { maxLength: 20 })
  const rule = fc.record(
    {
      failureLimit: fc.nat(3),
      consecutiveLimit: fc.nat(2),
      windowMs: fc.constantFrom(10_000, 30_000),
      intervalMs: fc.constantFrom(10_000, 20_000),
    },
    { requiredKeys: [] },
  )

  it('never takes a failure back when more is seen', () => {
    fc.assert(
      fc.property(samples, samples, rule, (before, after, threshold) => {
        fc.pre(judged(before, threshold, {}, false).verdict === 'fail')
        expect(judged([...before, ...after], threshold).verdict).toBe('fail')
      }),
    )
  })

  it('says nothing that is no number', () => {
    fc.assert(
      fc.property(samples, rule, (seen, threshold) => {
        expect(JSON.stringify(judged(seen, threshold))).not.toMatch(/NaN|null|Infinity|undefined/)
      }),
    )
  })
})
