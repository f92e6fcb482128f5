import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { classify } from '../../../src/analysis/mann-whitney/mann-whitney-classification.js'
import { shiftInterval } from '../../../src/analysis/mann-whitney/mann-whitney-interval.js'
import { judgeMannWhitney } from '../../../src/analysis/mann-whitney/mann-whitney.js'
import { normalQuantile } from '../../../src/analysis/normal-quantile.js'
import type { Block, JudgeParameters, MannWhitneyRule, MetricRule } from '../../../src/rollout/ports/judge.js'

const HIGHER = [20, 22, 21, 25, 30]
const LOWER = [1, 2.2, 1.1, 2.5, 3]

/** A minute for each pair of values; undefined is no data. */
function minutes(
  candidate: readonly (number | undefined)[],
  stable: readonly (number | undefined)[],
): Block[] {
  const sample = (value: number | undefined) =>
    value === undefined ? undefined : ({ kind: 'scalar', value } as const)
  return Array.from({ length: Math.max(candidate.length, stable.length) }, (_, i) => {
    const [one, other] = [sample(candidate[i]), sample(stable[i])]
    return {
      fromMs: i * 60_000,
      toMs: (i + 1) * 60_000,
      weight: 5,
      metrics: { queue: { ...(other && { stable: other }), ...(one && { candidate: one }) } },
    }
  })
}

const asked = (holdOver = true): JudgeParameters => ({ rules: [], minSamples: 100, holdOver })

function judged(blocks: readonly Block[], mannWhitney: MannWhitneyRule = {}, rule: Partial<MetricRule> = {}) {
  const whole: MetricRule = { name: 'queue', kind: 'scalar', method: 'mann-whitney', mannWhitney, ...rule }
  return judgeMannWhitney(whole, blocks, asked())
}

describe('the interval of the shift between two samples', () => {
  it('is that of the worked example, with its statistic and estimate', () => {
    const { statistic, estimate, low, high } = shiftInterval(HIGHER, LOWER, 0.95)
    expect(statistic).toBe(25)
    expect(estimate).toBeCloseTo(20, 12)
    expect(low).toBeCloseTo(17.8, 12)
    expect(high).toBeCloseTo(27.8, 12)
  })

  it('has no ends where so few values could rule nothing out', () => {
    expect(shiftInterval([5, 6, 7, 8], [1, 2, 3, 4], 0.98)).toMatchObject({ low: -Infinity, high: Infinity })
    expect(shiftInterval([5, 6, 7, 8, 9], [0, 1, 2, 3, 4], 0.98).low).toBeGreaterThan(0)
  })

  it('mirrors when the sides change places', () => {
    const sample = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 12 })
    fc.assert(
      fc.property(sample, sample, (one, other) => {
        const there = shiftInterval(one, other, 0.95)
        const back = shiftInterval(other, one, 0.95)
        expect(back.low + there.high).toBeCloseTo(0, 9)
        expect(back.estimate + there.estimate).toBeCloseTo(0, 9)
        expect(back.statistic + there.statistic).toBe(one.length * other.length)
      }),
    )
  })

  it.each([
    [0.975, 1.959963984540054],
    [0.99, 2.326347874040841],
    [0.5, 0],
    [0.999999, 4.753424308822899],
  ])('stands on quantiles of the normal distribution: %d', (part, quantile) => {
    expect(normalQuantile(part)).toBeCloseTo(quantile, 9)
  })
})

describe('a classification', () => {
  const rule: MannWhitneyRule = { tolerance: 0.1, confidence: 0.95, allowedEffect: [0.8, 1.2] }

  it('is high where the whole interval lies above the tolerance and the effect is large', () => {
    expect(classify(HIGHER, LOWER, rule).classification).toBe('high')
    expect(classify(LOWER, HIGHER, rule).classification).toBe('low')
  })

  it('is the same where the effect is not large enough, whatever the interval', () => {
    expect(classify(HIGHER, LOWER, { ...rule, allowedEffect: [0.8, 20] }).classification).toBe('same')
    expect(classify(LOWER, HIGHER, { ...rule, allowedEffect: [0.01, 1.2] }).classification).toBe('same')
  })

  it('is the same where the shift may lie within the tolerance', () => {
    const stable = [10, 11, 12, 13, 14, 15]
    expect(
      classify(
        stable.map((value) => value + 8),
        stable,
        { tolerance: 0.75 },
      ).classification,
    ).toBe('same')
    expect(
      classify(
        stable.map((value) => value + 8),
        stable,
        { tolerance: 0.1 },
      ).classification,
    ).toBe('high')
  })

  it('is no data without values of one side', () => {
    expect(classify([], [1, 2, 3, 4, 5], rule).classification).toBe('no-data')
    expect(classify([1, 2, 3, 4, 5], [undefined, undefined], rule).classification).toBe('no-data')
  })

  it('leaves missing values out, or counts them as 0', () => {
    const gaps = [20, undefined, 22, undefined, 21, 25, 30]
    expect(classify(gaps, LOWER, rule).candidate).toEqual(HIGHER)
    expect(classify(gaps, LOWER, { ...rule, missing: 'zero' }).candidate).toEqual([20, 0, 22, 0, 21, 25, 30])
  })

  it('makes up no zeros for a side that never had data', () => {
    expect(classify(new Array(6).fill(undefined), LOWER, { missing: 'zero' }).classification).toBe('no-data')
  })

  it('drops outliers where that is asked for, and keeps them otherwise', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 1_000]
    expect(classify(values, LOWER, {}).candidate).toContain(1_000)
    expect(classify(values, LOWER, { outlierFactor: 3 }).candidate).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(classify([1, 2, 3, 4, 5, 6, 7, 19], LOWER, { outlierFactor: 3 }).candidate).toContain(19)
  })
})

describe("Mann and Whitney's test as a method", () => {
  it('fails a candidate that is higher, in a sentence with what was compared', () => {
    const judgement = judged(minutes(HIGHER, LOWER), { tolerance: 0.1, confidence: 0.95 })
    expect(judgement).toMatchObject({ name: 'queue', verdict: 'fail', classification: 'high', unit: 'value' })
    expect(judgement.reason).toBe(
      'queue: higher than stable: 23.6 against 2 in the mean of 5 and 5 values; the shift is 20, 17.8 to 27.8 with 95 % confidence',
    )
  })

  it.each([
    ['increase', 'fail', 'pass'],
    ['decrease', 'pass', 'fail'],
    ['either', 'fail', 'fail'],
  ] as const)('takes for harm what the direction says: %s', (direction, ofHigher, ofLower) => {
    expect(judged(minutes(HIGHER, LOWER), { direction }).verdict).toBe(ofHigher)
    expect(judged(minutes(LOWER, HIGHER), { direction }).verdict).toBe(ofLower)
  })

  it('takes a decrease for harm where lower is worse', () => {
    expect(judged(minutes(LOWER, HIGHER), {}, { worse: 'lower' }).verdict).toBe('fail')
    expect(judged(minutes(HIGHER, LOWER), {}, { worse: 'lower' }).verdict).toBe('pass')
  })

  it('neither passes nor fails on too few minutes, or without data of one side', () => {
    expect(judged(minutes(HIGHER.slice(0, 4), LOWER.slice(0, 4)))).toMatchObject({
      verdict: 'inconclusive',
      classification: 'no-data',
      reason:
        'queue: 4 values of the candidate and 4 of stable are too few to tell them apart with 98 % confidence: 5 of each are the fewest, one every 60 s, so hold for 300 s or longer beside the lag of the source, or set a shorter interval',
    })
    expect(judged(minutes([], LOWER)).verdict).toBe('inconclusive')
    expect(judged(minutes(HIGHER, [])).verdict).toBe('inconclusive')
  })

  it('compares shares minute by minute, and does not pass before enough requests were seen', () => {
    const tenSeconds = (index: number, requests: number): Block => ({
      fromMs: index * 10_000,
      toMs: (index + 1) * 10_000,
      weight: 5,
      metrics: {
        errors: {
          stable: { kind: 'share', requests: 950, bad: index },
          candidate: { kind: 'share', requests, bad: 0 },
        },
      },
    })
    const rule: MetricRule = { name: 'errors', kind: 'share', method: 'mann-whitney' }
    const blocks = (count: number, requests: number) =>
      Array.from({ length: count }, (_, index) => tenSeconds(index, requests))
    expect(judgeMannWhitney(rule, blocks(29, 50), asked()).classification).toBe('no-data')
    expect(judgeMannWhitney(rule, blocks(30, 50), asked())).toMatchObject({
      verdict: 'pass',
      candidate: { requests: 1_500, value: 0 },
    })
    expect(judgeMannWhitney(rule, blocks(30, 50), asked(false)).verdict).toBe('inconclusive')
    expect(judgeMannWhitney(rule, blocks(30, 3), asked())).toMatchObject({
      verdict: 'inconclusive',
      reason: 'errors: 90 of the 100 requests at the candidate that a verdict needs',
    })
  })

  it('does not compare what stable did before the candidate came', () => {
    const history = minutes([], LOWER)
    const bake = minutes(HIGHER, HIGHER).map((block) => ({
      ...block,
      fromMs: block.fromMs + 300_000,
      toMs: block.toMs + 300_000,
    }))
    expect(judged([...history, ...bake]).classification).toBe('same')
  })

  it('says nothing that is no number, whatever the values', () => {
    const value = fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { nil: undefined })
    const values = fc.array(value, { maxLength: 15 })
    fc.assert(
      fc.property(values, values, fc.boolean(), (one, other, outliers) => {
        const rule = outliers ? { outlierFactor: 3, missing: 'zero' as const } : {}
        expect(JSON.stringify(judged(minutes(one, other), rule))).not.toMatch(/NaN|null|Infinity/)
      }),
    )
  })
})
