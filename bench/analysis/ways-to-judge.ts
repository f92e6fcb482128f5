import type { Block, JudgeParameters, MetricRule } from '../../src/rollout/ports/judge.js'
import type { ShareSample } from '../../src/rollout/ports/metric-source.js'
import { blockMs, setting } from './setting.ts'
import type { Shipped } from './shipped.ts'

/** When a release was failed, in seconds after its first request; Infinity if it never was. */
export type Way = (blocks: Iterable<Block>) => number

/** The defaults of rollout.yml for `errors` and `latency-p95`. */
export const shippedRules = {
  errors: { name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 },
  latency: { name: 'latency', kind: 'latency', percentile: 95, tolerateRatio: 1.1, tolerateMs: 5 },
} as const satisfies Record<string, MetricRule>

const MINUTE_MS = 60_000
const never = Infinity
const secondsAt = (blocks: readonly unknown[]): number => (blocks.length * blockMs) / 1_000
const asked = (rule: MetricRule): JudgeParameters => ({
  rules: [rule],
  minSamples: 100,
  longestHoldMs: setting.blocks * blockMs,
  holdOver: false,
})

/**
 * The shipped judge, with a look after each block. For worse releases it ends where it would pass early, since nobody looks
 * after that; for healthy ones it looks on to the end, which can only make false alarms more.
 */
export const shippedWay =
  ({ judge }: Shipped, rule: MetricRule, endsWithPass: boolean): Way =>
  (blocks) => {
    const bake = judge(asked(rule))
    let looks = 0
    for (const block of blocks) {
      bake.add(block)
      if (block.metrics[rule.name]?.candidate === undefined) continue
      looks += 1
      const { verdict, early } = bake.judgement(looks === setting.blocks)
      if (verdict === 'fail') return (looks * blockMs) / 1_000
      if (endsWithPass && early === true) return never
    }
    return never
  }

/** `method: threshold`: the share of the past minute, looked at after each block. */
export const thresholdWay =
  ({ judgeThreshold }: Shipped, failureLimit: number): Way =>
  (blocks) => {
    const rule: MetricRule = {
      ...shippedRules.errors,
      method: 'threshold',
      limit: 0.01,
      threshold: { windowMs: MINUTE_MS, failureLimit },
    }
    const bake = bakedOf(blocks)
    const failsBy = (count: number): boolean =>
      judgeThreshold(rule, bake.slice(0, count), asked(rule)).verdict === 'fail'
    if (!failsBy(bake.length)) return never
    // Failures are only ever added, so the first look that fails is found by halving.
    let [good, bad] = [0, bake.length]
    while (bad - good > 1) {
      const middle = (good + bad) >> 1
      if (failsBy(middle)) bad = middle
      else good = middle
    }
    return secondsAt(bake.slice(0, bad))
  }

/** `method: mann-whitney`: the share of each minute, looked at after each. */
export const mannWhitneyWay =
  ({ judgeMannWhitney }: Shipped): Way =>
  (blocks) => {
    const rule: MetricRule = { ...shippedRules.errors, method: 'mann-whitney' }
    const bake = bakedOf(blocks)
    const perMinute = MINUTE_MS / blockMs
    for (let count = perMinute; count <= bake.length; count += perMinute) {
      const seen = bake.slice(0, count)
      if (judgeMannWhitney(rule, seen, asked(rule)).verdict === 'fail') return secondsAt(seen)
    }
    return never
  }

/** The textbook's test for one look, at each look: both shares so far, one-sided at 5 %. It is here to show why not. */
export const zTestWay = (): Way => (blocks) => {
  const sums = { candidate: { requests: 0, bad: 0 }, stable: { requests: 0, bad: 0 } }
  for (const [index, { metrics }] of bakedOf(blocks).entries()) {
    for (const side of ['candidate', 'stable'] as const) {
      const sample = metrics['errors']?.[side] as ShareSample
      sums[side].requests += sample.requests
      sums[side].bad += sample.bad
    }
    const { candidate, stable } = sums
    const share = (candidate.bad + stable.bad) / (candidate.requests + stable.requests)
    const error = Math.sqrt(share * (1 - share) * (1 / candidate.requests + 1 / stable.requests))
    const difference = candidate.bad / candidate.requests - stable.bad / stable.requests
    if (difference / error > 1.6448536269514722) return ((index + 1) * blockMs) / 1_000
  }
  return never
}

/** Without history: these rules know none. */
const bakedOf = (blocks: Iterable<Block>): readonly Block[] =>
  [...blocks].filter(({ metrics }) => metrics['errors']?.candidate !== undefined)
