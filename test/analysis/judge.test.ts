import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { judgeBlocks } from '../../src/analysis/judge.js'
import type { Block, JudgeParameters, MetricRule } from '../../src/rollout/ports/judge.js'
import type { LatencySample, Sample } from '../../src/rollout/ports/metric-source.js'

const ERRORS: MetricRule = { name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 }
const LATENCY: MetricRule = {
  name: 'latency-p95',
  kind: 'latency',
  percentile: 95,
  tolerateRatio: 1.1,
  tolerateMs: 5,
}
const EDGES_MS = [5, 10, 20, 50, 100]

const share = (bad: number, requests: number): Sample => ({ kind: 'share', requests, bad })
const latency = (...counts: number[]): LatencySample => ({ kind: 'latency', edgesMs: EDGES_MS, counts })

function blocksOf(
  count: number,
  stable: Sample | undefined,
  candidate: Sample | undefined,
  rule = ERRORS,
  weight = 5,
): Block[] {
  return Array.from({ length: count }, (_, i) => ({
    fromMs: i * 1_000,
    toMs: (i + 1) * 1_000,
    weight,
    metrics: { [rule.name]: { ...(stable && { stable }), ...(candidate && { candidate }) } },
  }))
}

const asked = (rules: readonly MetricRule[], holdOver = true, minSamples = 100): JudgeParameters => ({
  rules,
  holdOver,
  minSamples,
  outageMs: 0,
})

describe('the judge', () => {
  it('fails a candidate with more errors, in a sentence with numbers and units', () => {
    const blocks = blocksOf(20, share(0, 380), share(2, 20))
    const judgement = judgeBlocks(asked([ERRORS], false), blocks)
    expect(judgement).toEqual({
      verdict: 'fail',
      reason:
        'errors: 10 % of 400 requests at the candidate, 0 % of 7,600 requests at stable; tolerated: 25 % more than stable or 0.05 points more',
      metrics: [
        {
          name: 'errors',
          verdict: 'fail',
          reason: expect.any(String),
          stable: { requests: 7_600, value: 0 },
          candidate: { requests: 400, value: 0.1 },
          unit: 'share',
          evidence: { logE: expect.any(Number), needed: Math.log(20), course: expect.any(Array) },
          difference: { low: expect.any(Number), high: expect.any(Number) },
          stillAllowed: expect.stringMatching(/^\d+ points more than stable$/),
        },
      ],
    })
    const { evidence, difference } = judgement.metrics[0] ?? {}
    expect(evidence?.logE).toBeGreaterThan(Math.log(20))
    expect(difference?.low).toBeGreaterThan(0.03)
    expect(difference?.high).toBeLessThan(0.2)
  })

  it('fails a slower candidate and names the percentile in milliseconds', () => {
    const blocks = blocksOf(10, latency(300, 60, 20, 0, 0, 0), latency(0, 0, 0, 18, 2, 0), LATENCY)
    const judgement = judgeBlocks(asked([LATENCY], false), blocks)
    expect(judgement.verdict).toBe('fail')
    expect(judgement.metrics[0]).toMatchObject({ unit: 'ms', candidate: { requests: 200, value: 75 } })
    expect(judgement.reason).toMatch(
      /^latency-p95: 75 ms in 200 requests at the candidate, 10.5 ms in 3,800 requests at stable; tolerated: 10 % more than stable or 5 ms more$/,
    )
  })

  it('passes an equal candidate when the hold is over, and not before', () => {
    const blocks = blocksOf(20, share(1, 380), share(0, 20))
    expect(judgeBlocks(asked([ERRORS]), blocks).verdict).toBe('pass')
    const early = judgeBlocks(asked([ERRORS], false), blocks)
    expect(early).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('no harm shown so far'),
    })
  })

  it('does not pass what was asked too little, and says how long enough would take', () => {
    const judgement = judgeBlocks(asked([ERRORS]), blocksOf(10, share(0, 38), share(0, 2)))
    expect(judgement.verdict).toBe('inconclusive')
    expect(judgement.reason).toBe(
      'errors: 20 of the 100 requests at the candidate that a verdict needs; at this traffic and weight it takes 40 s more: hold longer, raise the weight (at 5 %, 100 requests are 2,000 in all) or ask for fewer',
    )
  })

  it('counts the requests since the weight last changed', () => {
    const before = blocksOf(20, share(0, 380), share(0, 20))
    const after = blocksOf(3, share(0, 300), share(0, 0), ERRORS, 25).map((block) => ({
      ...block,
      fromMs: block.fromMs + 20_000,
      toMs: block.toMs + 20_000,
    }))
    expect(judgeBlocks(asked([ERRORS]), [...before, ...after])).toMatchObject({
      verdict: 'inconclusive',
      metrics: [{ candidate: { requests: 0 } }],
    })
  })

  it.each([
    ['no blocks', []],
    ['no counts of the candidate', blocksOf(20, share(0, 380), undefined)],
    ['no requests of the candidate', blocksOf(20, share(0, 380), share(0, 0))],
    ['no requests of stable, which exists', blocksOf(20, share(0, 0), share(5, 20))],
    ['counts of another kind', blocksOf(20, share(0, 380), latency(20, 0, 0, 0, 0, 0))],
    ['more bad requests than requests', blocksOf(20, share(0, 380), share(30, 20))],
    ['counts that are no numbers', blocksOf(20, share(0, 380), share(Number.NaN, 20))],
  ])('neither passes nor fails with %s', (_, blocks) => {
    for (const holdOver of [true, false])
      expect(judgeBlocks(asked([ERRORS], holdOver), blocks).verdict).toBe('inconclusive')
  })

  it('knows only limits where there is no stable side', () => {
    const bad = blocksOf(20, undefined, share(10, 20), ERRORS, 100)
    expect(judgeBlocks(asked([ERRORS]), bad)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('no limit is configured'),
    })
    const limited = { ...ERRORS, limit: 0.05 }
    expect(judgeBlocks(asked([limited], false), bad)).toMatchObject({
      verdict: 'fail',
      reason: 'errors: 50 % of 400 requests at the candidate; the limit is 5 %',
    })
    expect(judgeBlocks(asked([limited]), blocksOf(20, undefined, share(0, 20), ERRORS, 100)).verdict).toBe(
      'pass',
    )
  })

  it('holds a latency against its limit without a stable side', () => {
    const limited = { ...LATENCY, limit: 50 }
    const slow = blocksOf(20, undefined, latency(0, 0, 0, 10, 10, 0), LATENCY, 100)
    expect(judgeBlocks(asked([limited], false), slow)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('the limit is 50 ms'),
    })
    const quick = blocksOf(20, undefined, latency(15, 5, 0, 0, 0, 0), LATENCY, 100)
    expect(judgeBlocks(asked([limited]), quick).verdict).toBe('pass')
  })

  it('does not pass what lies above its limit but is too little to be sure', () => {
    const limited = { ...ERRORS, limit: 0.05 }
    const judgement = judgeBlocks(asked([limited], true, 20), [
      ...blocksOf(1, undefined, share(0, 20), ERRORS, 100),
      ...blocksOf(1, undefined, share(3, 20), ERRORS, 100),
    ])
    expect(judgement).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('above the limit of 5 %'),
    })
  })

  it('compares nothing across a change of buckets', () => {
    const other: LatencySample = { kind: 'latency', edgesMs: [1, 2], counts: [0, 0, 50] }
    const blocks = [...blocksOf(10, latency(380, 0, 0, 0, 0, 0), other, LATENCY)]
    expect(judgeBlocks(asked([LATENCY]), blocks).verdict).not.toBe('fail')
  })

  it('has nothing to say without rules', () => {
    expect(judgeBlocks(asked([]), blocksOf(5, share(0, 10), share(0, 10))).verdict).toBe('inconclusive')
  })
})

const count = fc.integer({ min: 0, max: 2_000 })
const shareSample = fc
  .record({ requests: count, part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ requests, part }): Sample => share(Math.floor(part * requests), requests))
const latencySample = fc
  .array(count, { minLength: 6, maxLength: 6 })
  .map((counts): Sample => latency(...counts))
const sides = (sample: fc.Arbitrary<Sample>) =>
  fc.record({ stable: sample, candidate: sample }, { requiredKeys: [] })
const anyBlocks = fc
  .array(
    fc.record({
      errors: sides(shareSample),
      'latency-p95': sides(latencySample),
      weight: fc.constantFrom(5, 25, 100),
    }),
    { maxLength: 12 },
  )
  .map((items) =>
    items.map(({ weight, ...metrics }, i): Block => ({
      fromMs: i * 20_000,
      toMs: (i + 1) * 20_000,
      weight,
      metrics,
    })),
  )

describe('for any counts the judge', () => {
  it('gives a verdict without NaN, and the same one again', () => {
    const limits = fc.constantFrom(undefined, 0, 0.05, 1)
    fc.assert(
      fc.property(anyBlocks, limits, fc.boolean(), (blocks, limit, holdOver) => {
        const rules = [{ ...ERRORS, ...(limit !== undefined && { limit }) }, LATENCY]
        const judgement = judgeBlocks(asked(rules, holdOver), blocks)
        expect(JSON.stringify(judgement)).not.toMatch(/NaN|Infinity|null|undefined/)
        expect(judgeBlocks(asked(rules, holdOver), structuredClone(blocks))).toEqual(judgement)
      }),
      { numRuns: 100 },
    )
  })

  it('never lets a candidate off for making more errors', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 19 }),
        fc.integer({ min: 5, max: 15 }),
        (stable, bad, length) => {
          const failed = (errors: number) =>
            judgeBlocks(asked([ERRORS], false), blocksOf(length, share(stable, 380), share(errors, 20)))
              .verdict === 'fail'
          if (failed(bad)) expect(failed(bad + 1)).toBe(true)
        },
      ),
    )
  })

  it('never fails without a single error of the candidate', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ stable: shareSample, requests: count }), { maxLength: 15 }),
        (items) => {
          const blocks = items.flatMap(({ stable, requests }) => blocksOf(1, stable, share(0, requests)))
          expect(judgeBlocks(asked([ERRORS], false), blocks).verdict).not.toBe('fail')
        },
      ),
    )
  })
})
