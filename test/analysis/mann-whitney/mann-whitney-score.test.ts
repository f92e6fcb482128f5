import { describe, expect, it } from '@jest/globals'
import { judgeScore } from '../../../src/analysis/mann-whitney/mann-whitney-score.js'
import type { MetricJudgement, MetricRule, ScoreRule } from '../../../src/rollout/ports/judge.js'

const SCORE: ScoreRule = { marginal: 50, pass: 90 }

type Told = [
  name: string,
  group: string | undefined,
  classification: MetricJudgement['classification'],
  critical?: boolean,
]

function scored(told: readonly Told[], score: ScoreRule = SCORE, holdOver = true) {
  const rules = told.map(([name, group, , critical]): MetricRule => ({
    name,
    kind: 'scalar',
    method: 'mann-whitney',
    mannWhitney: { ...(group !== undefined && { group }), ...(critical !== undefined && { critical }) },
  }))
  const nothing = { requests: 0, value: undefined }
  const judgements = told.map(([name, , classification]): MetricJudgement => ({
    name,
    verdict: classification === 'high' ? 'fail' : classification === 'no-data' ? 'inconclusive' : 'pass',
    reason: name,
    stable: nothing,
    candidate: nothing,
    unit: 'value',
    ...(classification !== undefined && { classification }),
  }))
  return judgeScore(rules, judgements, score, holdOver)
}

describe('the score of a release', () => {
  it('is the part of the metrics that are not harmed, in percent', () => {
    expect(
      scored([
        ['a', undefined, 'same'],
        ['b', undefined, 'low'],
        ['c', undefined, 'high'],
      ]).score,
    ).toBeCloseTo(200 / 3)
    expect(scored([['a', undefined, 'same']])).toMatchObject({ score: 100, verdict: 'pass' })
  })

  it('weighs groups as they are named, and the others by what is left', () => {
    const told: Told[] = [
      ['a', 'errors', 'same'],
      ['b', 'latency', 'high'],
      ['c', 'rest', 'same'],
    ]
    const groupWeights = { errors: 60, latency: 30 }
    expect(scored(told, { ...SCORE, groupWeights })).toMatchObject({
      score: 70,
      verdict: 'inconclusive',
      reason: expect.stringMatching(/^the score is 70 of 100; 90 are needed: /),
    })
  })

  it('fails below the marginal score, while the hold goes on too', () => {
    const told: Told[] = [
      ['a', undefined, 'high'],
      ['b', undefined, 'high'],
      ['c', undefined, 'same'],
    ]
    expect(scored(told, SCORE, false)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/^the score is 33.3 of 100, below 50: /),
    })
  })

  it('passes only at the end of the hold', () => {
    expect(scored([['a', undefined, 'same']], SCORE, false).verdict).toBe('inconclusive')
  })

  it('leaves out metrics without data, and has no score where a group has none at all', () => {
    const told: Told[] = [
      ['a', 'errors', 'same'],
      ['b', 'errors', 'no-data'],
    ]
    expect(scored(told).score).toBe(100)
    expect(scored([...told, ['c', 'latency', 'no-data']])).toEqual({
      score: undefined,
      verdict: 'inconclusive',
      reason: 'there is no score: no data in group latency',
    })
    expect(scored([]).verdict).toBe('inconclusive')
  })

  it('fails when a critical metric does, whatever the others say', () => {
    const told: Told[] = [
      ['a', undefined, 'same'],
      ['b', undefined, 'same'],
      ['queue', undefined, 'high', true],
    ]
    expect(scored(told, { marginal: 10, pass: 20 })).toEqual({
      score: 0,
      verdict: 'fail',
      reason: 'queue is critical and is worse than stable: queue',
    })
  })
})
