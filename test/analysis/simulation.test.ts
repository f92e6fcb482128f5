import { describe, expect, it } from '@jest/globals'
import { judge, judgeBlocks } from '../../src/analysis/judge.js'
import type { JudgeParameters, MetricRule } from '../../src/rollout/ports/judge.js'
import { blockOf, seeded, type Behaviour, type Traffic } from './traffic.js'

const RULES: readonly MetricRule[] = [
  { name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 },
  { name: 'latency-p95', kind: 'latency', percentile: 95, tolerateRatio: 1.1, tolerateMs: 5 },
]
/** As where the local router counts. */
const PARAMETERS: JudgeParameters = { rules: RULES, minSamples: 100, outageMs: 0, holdOver: false }
const HEALTHY: Behaviour = { errors: 0, medianMs: 4, sigma: 0.5 }
const ORDINARY: Traffic = { requestsPerSecond: 400, weight: 5, secondsPerBlock: 1 }

/** Blocks until the judge fails the candidate, looking at each; undefined if it never does. */
function blocksToFail(
  seed: number,
  traffic: Traffic,
  stable: Behaviour,
  candidate: Behaviour,
  looks: number,
): number | undefined {
  const random = seeded(seed)
  const bake = judge(PARAMETERS)
  for (let i = 0; i < looks; i++) {
    bake.add(blockOf(random, i, traffic, stable, candidate))
    const { verdict } = bake.judgement(false)
    if (verdict === 'fail') return i + 1
  }
  return undefined
}

function quantile(values: readonly (number | undefined)[], share: number): number {
  const sorted = values.map((value) => value ?? Infinity).sort((one, other) => one - other)
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Infinity
}

describe('a healthy release is not failed', () => {
  it.each([
    ['no errors', 0, 25],
    ['0.1 % errors', 0.001, 25],
    ['1 % errors', 0.01, 25],
  ])('with %s on both sides, looked at every 2 s for a minute', (_, errors, runs) => {
    const same = { ...HEALTHY, errors }
    const traffic = { requestsPerSecond: 60, weight: 10, secondsPerBlock: 2 }
    const looked = Array.from({ length: runs }, (_none, seed) => blocksToFail(seed, traffic, same, same, 30))
    expect(looked.filter((blocks) => blocks !== undefined)).toEqual([])
  })

  it('with one second in which it answers nothing but errors', () => {
    const random = seeded(11)
    const blocks = Array.from({ length: 20 }, (_, i) =>
      blockOf(random, i, ORDINARY, HEALTHY, i === 7 ? { ...HEALTHY, errors: 1 } : HEALTHY),
    )
    const verdicts = blocks.map(
      (_, i) => judgeBlocks({ ...PARAMETERS, holdOver: i === 19 }, blocks.slice(0, i + 1)).verdict,
    )
    expect(verdicts).not.toContain('fail')
    expect(verdicts.at(-1)).toBe('pass')
  })

  it('with a start that takes 100 ms longer for two seconds', () => {
    const random = seeded(12)
    const blocks = Array.from({ length: 20 }, (_, i) =>
      blockOf(random, i, ORDINARY, HEALTHY, i < 2 ? { ...HEALTHY, extraMs: 100 } : HEALTHY),
    )
    const verdicts = blocks.map((_, i) => judgeBlocks(PARAMETERS, blocks.slice(0, i + 1)).verdict)
    expect(verdicts).not.toContain('fail')
  })
})

describe('a bad release is failed', () => {
  // Seconds at 5 % of 400 requests/s: the median and 19 of 20 runs.
  it.each([
    ['5 % errors, stable has none', { ...HEALTHY, errors: 0.05 }, HEALTHY, 10, 16],
    ['5 % errors, stable has 0.1 %', { ...HEALTHY, errors: 0.05 }, { ...HEALTHY, errors: 0.001 }, 11, 18],
    ['40 ms slower', { ...HEALTHY, extraMs: 40 }, HEALTHY, 5, 5],
    ['5 % errors and 40 ms slower', { ...HEALTHY, errors: 0.05, extraMs: 40 }, HEALTHY, 5, 5],
    ['nothing but errors', { ...HEALTHY, errors: 1 }, HEALTHY, 5, 5],
  ])('%s', (_, candidate, stable, median, most) => {
    const seconds = Array.from({ length: 20 }, (_none, seed) =>
      blocksToFail(seed, ORDINARY, stable, candidate, 40),
    )
    expect(quantile(seconds, 0.5)).toBeLessThanOrEqual(median)
    expect(quantile(seconds, 0.95)).toBeLessThanOrEqual(most)
  })

  it('although it was good for the first three minutes', () => {
    const random = seeded(13)
    const blocks = Array.from({ length: 210 }, (_, i) =>
      blockOf(random, i, ORDINARY, HEALTHY, i < 180 ? HEALTHY : { ...HEALTHY, errors: 0.05 }),
    )
    const failed = blocks.findIndex(
      (_, i) => i >= 175 && judgeBlocks(PARAMETERS, blocks.slice(0, i + 1)).verdict === 'fail',
    )
    expect(failed).toBeGreaterThanOrEqual(180)
  })
})
