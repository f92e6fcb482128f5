import { describe, expect, it } from '@jest/globals'
import { judgeBlocks } from '../../src/analysis/judge.js'
import type { Block, JudgeParameters, MetricRule, ThresholdRule } from '../../src/rollout/ports/judge.js'

/** A minute each, with a number for each metric of the candidate; stable has 10, 11, 12 … */
const minutes = (count: number, candidate: Readonly<Record<string, (minute: number) => number>>): Block[] =>
  Array.from({ length: count }, (_, minute) => ({
    fromMs: minute * 60_000,
    toMs: (minute + 1) * 60_000,
    weight: 5,
    metrics: Object.fromEntries(
      Object.entries(candidate).map(([name, value]) => [
        name,
        {
          stable: { kind: 'scalar' as const, value: 10 + minute },
          candidate: { kind: 'scalar' as const, value: value(minute) },
        },
      ]),
    ),
  }))

const same = (minute: number): number => 10.5 + minute
const worse = (minute: number): number => 50 + minute

const threshold = (name: string, rule: ThresholdRule = {}): MetricRule => ({
  name,
  kind: 'scalar',
  method: 'threshold',
  limit: 40,
  threshold: rule,
})
const compared = (name: string, critical = false): MetricRule => ({
  name,
  kind: 'scalar',
  method: 'mann-whitney',
  mannWhitney: { critical },
})
const asked = (rules: readonly MetricRule[], more: Partial<JudgeParameters> = {}): JudgeParameters => ({
  rules,
  minSamples: 100,
  holdOver: true,
  ...more,
})

describe('several metrics by methods of others', () => {
  it('fail when one does, and pass when all do', () => {
    const rules = [threshold('a'), compared('b')]
    expect(judgeBlocks(asked(rules), minutes(8, { a: same, b: same })).verdict).toBe('pass')
    expect(judgeBlocks(asked(rules), minutes(8, { a: worse, b: same })).verdict).toBe('fail')
    expect(judgeBlocks(asked(rules), minutes(8, { a: same, b: worse })).verdict).toBe('fail')
  })

  it('are decided by those that are not only reported', () => {
    const rules = [threshold('a', { dryRun: true }), threshold('b')]
    const blocks = minutes(8, { a: worse, b: same })
    expect(judgeBlocks(asked(rules), blocks)).toMatchObject({
      verdict: 'pass',
      metrics: [{ verdict: 'fail', dryRun: true }, { verdict: 'pass' }],
    })
  })

  it('end the hold once a threshold has as many measurements as it wants, whatever is only reported', () => {
    const rules = [threshold('a', { dryRun: true }), threshold('b', { count: 5 })]
    const holding = asked(rules, { holdOver: false })
    expect(judgeBlocks(holding, minutes(4, { a: worse, b: same })).verdict).toBe('inconclusive')
    expect(judgeBlocks(holding, minutes(5, { a: worse, b: same }))).toMatchObject({
      verdict: 'pass',
      early: true,
    })
  })

  it('do not end the hold by what is only reported alone', () => {
    const holding = asked([threshold('a', { dryRun: true, count: 1 })], { holdOver: false })
    expect(judgeBlocks(holding, minutes(5, { a: same }))).not.toHaveProperty('early')
  })
})

describe('metrics with a score', () => {
  const score = { marginal: 50, pass: 75 }
  const rules = ['a', 'b', 'c', 'd'].map((name) => compared(name))

  it('pass although one of them is worse, where the score allows it', () => {
    const blocks = minutes(8, { a: worse, b: same, c: same, d: same })
    expect(judgeBlocks(asked(rules), blocks).verdict).toBe('fail')
    expect(judgeBlocks(asked(rules, { score }), blocks)).toMatchObject({
      verdict: 'pass',
      reason: 'the score is 75 of 100; 75 are enough',
    })
  })

  it('fail together below the marginal score, while the hold goes on too', () => {
    const blocks = minutes(8, { a: worse, b: worse, c: worse, d: same })
    expect(judgeBlocks(asked(rules, { score, holdOver: false }), blocks)).toMatchObject({
      verdict: 'fail',
      // Which metrics, and by how much: the headline of a failed release is made of this.
      reason: expect.stringMatching(
        /^the score is 25 of 100, below 50: a: higher than stable: .* against .*; b: .*; c: .*confidence$/,
      ),
    })
  })

  it('leave metrics of other methods to speak for themselves', () => {
    const blocks = minutes(8, { a: same, b: same, c: same, d: same, queue: worse })
    expect(judgeBlocks(asked([...rules, threshold('queue')], { score }), blocks)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/^queue: /),
    })
  })

  it('fail with a critical one', () => {
    const blocks = minutes(8, { a: same, b: same, c: same, d: worse })
    const critical = [...rules.slice(0, 3), compared('d', true)]
    expect(judgeBlocks(asked(critical, { score }), blocks).verdict).toBe('fail')
  })
})
