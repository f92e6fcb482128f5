import { describe, expect, it } from '@jest/globals'
import { judge, judgeBlocks } from '../../src/analysis/judge.js'
import type { Block, JudgeParameters, MetricRule } from '../../src/rollout/ports/judge.js'
import type { Sample } from '../../src/rollout/ports/metric-source.js'

const ERRORS: MetricRule = { name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 }
const share = (bad: number, requests: number): Sample => ({ kind: 'share', requests, bad })
const START_MS = 1_800_000_000_000

interface Side {
  readonly stable?: Sample
  readonly candidate?: Sample
}

/** Blocks of 10 s after those before them. */
function after(before: readonly Block[], count: number, side: Side, weight = 5, name = 'errors'): Block[] {
  const fromMs = before.at(-1)?.toMs ?? START_MS
  const more = Array.from({ length: count }, (_, i) => ({
    fromMs: fromMs + i * 10_000,
    toMs: fromMs + (i + 1) * 10_000,
    weight,
    metrics: { [name]: side },
  }))
  return [...before, ...more]
}
const blocks = (count: number, side: Side, weight = 5, name = 'errors') =>
  after([], count, side, weight, name)

const asked = (more: Partial<JudgeParameters> = {}): JudgeParameters => ({
  rules: [ERRORS],
  minSamples: 100,
  holdOver: false,
  ...more,
})

const HISTORY = blocks(60, { stable: share(1, 1_000) }, 0)
const HEALTHY = { stable: share(1, 950), candidate: share(0, 50) }

describe('an early pass', () => {
  it('comes when the candidate is proven to stay below twice stable or 0.5 points more, whichever is more', () => {
    const bake = judge(asked())
    const all = after(HISTORY, 60, HEALTHY)
    const first = all.findIndex((block) => {
      bake.add(block)
      return bake.judgement(false).verdict === 'pass'
    })
    const requests = (first + 1 - HISTORY.length) * 50
    // ln 20 over 0.5 points is 600 requests; the two best blocks do not count.
    expect(requests).toBeGreaterThanOrEqual(600)
    expect(requests).toBeLessThanOrEqual(1_100)
    expect(judgeBlocks(asked(), all.slice(0, first + 1))).toMatchObject({
      verdict: 'pass',
      early: true,
      reason: expect.stringContaining('proven to stay below 2 times stable or 0.5 points more'),
      metrics: [{ stillAllowed: expect.stringMatching(/points more/) }],
    })
  })

  it('comes in a minute at 10 % errors, where twice as many are excluded soon', () => {
    const many = blocks(60, { stable: share(100, 1_000) }, 0)
    const equal = after(many, 12, { stable: share(95, 950), candidate: share(5, 50) })
    expect(judgeBlocks(asked(), equal)).toMatchObject({ verdict: 'pass', early: true })
  })

  it('needs the proof in every metric, and the samples', () => {
    const all = after(HISTORY, 60, HEALTHY)
    const two = asked({ rules: [ERRORS, { ...ERRORS, name: 'other' }] })
    expect(judgeBlocks(two, all).verdict).toBe('inconclusive')
    expect(judgeBlocks(asked({ minSamples: 10_000 }), all).verdict).toBe('inconclusive')
  })

  it('is proven again at each weight', () => {
    const all = after(HISTORY, 60, HEALTHY)
    expect(judgeBlocks(asked(), all).early).toBe(true)
    const next = after(all, 1, { stable: share(0, 500), candidate: share(0, 500) }, 50)
    expect(judgeBlocks(asked(), next).verdict).toBe('inconclusive')
    expect(
      judgeBlocks(asked(), after(all, 9, { stable: share(0, 500), candidate: share(0, 500) }, 50)).early,
    ).toBe(true)
  })

  it('does not come while the evidence leans against the candidate', () => {
    const worse = after(HISTORY, 60, { stable: share(1, 950), candidate: share(3, 1_000) })
    const judgement = judgeBlocks(asked(), worse)
    expect(judgement.verdict).not.toBe('pass')
  })
})

describe('the end of a hold', () => {
  const few = after(HISTORY, 4, HEALTHY)

  it('passes without harm shown, and names the worst regression that the data still allow', () => {
    const judgement = judgeBlocks(asked({ holdOver: true }), few)
    expect(judgement.verdict).toBe('pass')
    expect(judgement.reason).toMatch(
      /no harm shown, but little is known: the data still allow \d.* times stable or [\d.]+ points more$/,
    )
  })

  it('says of a pass that little is known where more than the margin is still possible, and only there', () => {
    const judgement = judgeBlocks(asked({ holdOver: true }), few)
    expect(judgement).toMatchObject({ verdict: 'pass', metrics: [{ littleKnown: true }] })
    const wide = asked({ holdOver: true, passMargin: { ratio: 100, share: 0.2 } })
    const enough = judgeBlocks(wide, few)
    expect(enough).toMatchObject({ verdict: 'pass', reason: expect.not.stringContaining('little is known') })
    expect(enough.metrics[0]).not.toHaveProperty('littleKnown')
    expect(judgeBlocks(asked({ holdOver: true }), after(HISTORY, 60, HEALTHY)).metrics[0]).not.toHaveProperty(
      'littleKnown',
    )
  })

  it('is inconclusive where proof is required and there is none', () => {
    const judgement = judgeBlocks(asked({ holdOver: true, require: 'proof' }), few)
    expect(judgement).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('not proven to stay below 2 times stable or 0.5 points more'),
    })
    const proven = after(HISTORY, 60, HEALTHY)
    expect(judgeBlocks(asked({ holdOver: true, require: 'proof' }), proven).verdict).toBe('pass')
  })

  it('is inconclusive when the counts of the candidate went missing a minute before it', () => {
    const gone = after(after(HISTORY, 10, HEALTHY), 7, { stable: share(1, 950) })
    expect(judgeBlocks(asked({ holdOver: true }), gone)).toMatchObject({
      verdict: 'inconclusive',
      reason: 'errors: no data of the candidate for the last 70 s',
    })
  })

  it('estimates from the weight how long it takes where the candidate had no requests at all', () => {
    const none = after(HISTORY, 1, { stable: share(0, 950), candidate: share(0, 0) })
    expect(judgeBlocks(asked({ holdOver: true }), none).reason).toMatch(
      /^errors: 0 of the 100 requests .* it takes 20 s more: hold longer, raise the weight \(at 5 %, 100 requests are 2,000 in all\)/,
    )
  })
})

describe('without a stable side', () => {
  it('at 100 % the candidate is held against what was recorded of stable, and it is said so', () => {
    const healthy = after(HISTORY, 20, { candidate: share(1, 1_000) }, 100)
    expect(judgeBlocks(asked({ holdOver: true }), healthy)).toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('but its record'),
      metrics: [{ notes: [expect.stringContaining('held against what was recorded')] }],
    })
    const bad = after(HISTORY, 20, { candidate: share(20, 1_000) }, 100)
    expect(judgeBlocks(asked(), bad).verdict).toBe('fail')
  })

  it('below 100 % a stable side that is missing is missing data', () => {
    for (const bad of [0, 20]) {
      const alone = after(HISTORY, 20, { candidate: share(bad, 1_000) }, 5)
      for (const holdOver of [true, false]) {
        expect(judgeBlocks(asked({ holdOver }), alone)).toMatchObject({
          verdict: 'inconclusive',
          reason: 'errors: no data of stable to compare with',
        })
      }
    }
  })
})

describe('alpha', () => {
  it('is shared by weight among the rules that are judged by evidence', () => {
    const rules: MetricRule[] = [
      { ...ERRORS, alphaWeight: 3 },
      { ...ERRORS, name: 'other', limit: 0.05 },
      { name: 'size', kind: 'scalar', method: 'threshold', limit: 3 },
    ]
    const needed = judgeBlocks(asked({ rules }), []).metrics.map(({ evidence }) => evidence?.needed)
    expect(needed[0]).toBeCloseTo(Math.log(1 / (0.05 * 0.75)), 9)
    expect(needed[1]).toBeCloseTo(Math.log(2 / (0.05 * 0.25)), 9)
    expect(needed[2]).toBeUndefined()
  })
})

describe('a mean', () => {
  const mean = (count: number, value: number): Sample => ({
    kind: 'mean',
    count,
    sum: count * value,
    sumOfSquares: count * (value * value + 100),
  })
  const sides = (stable: number, candidate: number) => ({
    stable: mean(950, stable),
    candidate: mean(50, candidate),
  })
  const basket: MetricRule = { name: 'basket', kind: 'mean', worse: 'lower', tolerateRatio: 1.05 }
  const look = (candidate: number, rule = basket) =>
    judgeBlocks(asked({ rules: [rule], holdOver: true }), blocks(60, sides(50, candidate), 5, 'basket'))

  it('fails where it is worse than tolerated, in the direction that is harm', () => {
    expect(look(40)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/^basket: 40 on average of 3,000 values at the candidate, 50 on average/),
    })
    expect(look(60).verdict).toBe('pass')
    expect(look(48.5).verdict).toBe('pass')
    expect(look(60, { ...basket, worse: 'higher' }).verdict).toBe('fail')
  })

  it('that must not fall is proven to stay above a part of stable, one that must not rise below a multiple', () => {
    expect(look(50).reason).toContain('proven to stay above 50 % of stable')
    expect(look(50, { ...basket, worse: 'higher' }).reason).toContain('proven to stay below 2 times stable')
    const unproven = judgeBlocks(
      asked({ rules: [basket], holdOver: true, require: 'proof' }),
      blocks(1, sides(50, 50), 5, 'basket'),
    )
    expect(unproven.reason).not.toContain('below')
  })

  it('has an interval around what was seen, and a limit', () => {
    const { difference } = look(49).metrics[0] ?? {}
    expect(difference?.low).toBeLessThan(-1)
    expect(difference?.high).toBeGreaterThan(-1)
    expect(look(50, { ...basket, limit: 60 }).reason).toContain('the limit is 60')
  })
})

describe('a latency', () => {
  const rule: MetricRule = { name: 'p95', kind: 'latency', percentile: 95, tolerateRatio: 1.1, tolerateMs: 5 }
  const edgesMs = [5, 10, 25, 50, 100]
  /** Counts up to 5, 10, 25, 50 and 100 ms, and slower, of every 100 requests. */
  const seen = (candidate: readonly number[], stable = candidate) => {
    const sample = (times: number, counts: readonly number[]): Sample => {
      return { kind: 'latency', edgesMs, counts: counts.map((count) => count * times) }
    }
    const history = blocks(60, { stable: sample(10, stable) }, 0, 'p95')
    const both = { stable: sample(5, stable), candidate: sample(5, candidate) }
    return judgeBlocks(asked({ rules: [rule], holdOver: true }), after(history, 60, both, 50, 'p95'))
  }
  const judgement = seen([0, 50, 46, 4, 0, 0])

  it('names one bound, the bucket edge that it was held against, in milliseconds', () => {
    expect(judgement.verdict).toBe('pass')
    expect(judgement.reason).toMatch(
      /; proven to stay at or below 50 ms \(10 % more than stable or 5 ms more, rounded up to a bucket edge\)$/,
    )
    expect(judgement.metrics[0]?.stillAllowed).toMatch(/^[\d.]+ ms more than stable$/)
  })

  it('is not called little known for what its buckets cannot tell', () => {
    const coarse = seen([0, 90, 10, 0, 0, 0])
    expect(coarse).toMatchObject({ verdict: 'pass', metrics: [{ stillAllowed: '15 ms more than stable' }] })
    expect(coarse.metrics[0]).not.toHaveProperty('littleKnown')
  })

  it('of buckets that are too coarse says what was asked for, in the words of the rule, and what is seen instead', () => {
    expect(judgement.metrics[0]?.notes).toEqual([
      expect.stringContaining(
        "from 25 ms to 50 ms, the bucket edges nearest to stable's); 10 % more than stable or 5 ms more was asked for, but with these buckets only what is slower than 50 ms is seen: a bucket edge at 30 ms",
      ),
    ])
  })
})

describe('what cannot be judged by evidence', () => {
  it('is a single number, and the reason says what to do', () => {
    const rule: MetricRule = { name: 'size', kind: 'scalar' }
    const scalars = blocks(9, { candidate: { kind: 'scalar', value: 3 } }, 5, 'size')
    expect(judgeBlocks(asked({ rules: [rule], holdOver: true }), scalars)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('method threshold or mann-whitney'),
    })
  })
})
