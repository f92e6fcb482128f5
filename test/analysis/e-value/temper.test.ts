import { describe, expect, it } from '@jest/globals'
import { PodDispersion } from '../../../src/analysis/e-value/pod-dispersion.js'
import { Temper } from '../../../src/analysis/e-value/temper.js'
import { judge } from '../../../src/analysis/judge.js'
import { MeanTemper } from '../../../src/analysis/means/mean-temper.js'
import type { Block, MetricRule } from '../../../src/rollout/ports/judge.js'
import type { ShareSample } from '../../../src/rollout/ports/metric-source.js'
import { seeded } from '../traffic.js'

const ERRORS: MetricRule = { name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 }
const ALL_AFTER_MS = 1_800_000

/** How many of so many requests are bad, each with the same chance. */
function among(random: () => number, requests: number, share: number): number {
  let bad = 0
  for (let i = 0; i < requests; i++) if (random() < share) bad += 1
  return bad
}

/** Errors in groups of three on average, as the benchmark has them. */
function inBursts(random: () => number, requests: number, share: number): number {
  let bad = 0
  for (let bursts = among(random, requests, share / 3); bursts > 0; bursts--) {
    bad += 1
    while (random() < 2 / 3) bad += 1
  }
  return Math.min(bad, requests)
}

/** Seconds from the candidate's first block until it is failed, with a look after each block; undefined if it never is. */
function secondsToFail(
  blockMs: number,
  stable: (index: number) => ShareSample,
  candidate: () => ShareSample,
  historyMs = 600_000,
): number | undefined {
  const bake = judge({ rules: [ERRORS], minSamples: 100, longestHoldMs: ALL_AFTER_MS })
  const history = historyMs / blockMs
  for (let i = 0; i < history + ALL_AFTER_MS / blockMs; i++) {
    const isHistory = i < history
    const block: Block = {
      fromMs: i * blockMs,
      toMs: (i + 1) * blockMs,
      weight: isHistory ? 0 : 5,
      metrics: { errors: { stable: stable(i), ...(isHistory ? {} : { candidate: candidate() }) } },
    }
    bake.add(block)
    if (!isHistory && bake.judgement(false).verdict === 'fail') return ((i + 1 - history) * blockMs) / 1_000
  }
  return undefined
}

const share = (requests: number, bad: number): ShareSample => ({ kind: 'share', requests, bad })

describe('one incident of stable does not keep a bad candidate from being failed', () => {
  it.each([
    ['one block of 5 s in which all of its requests failed', 1, 1],
    ['an outage of 20 s', 4, 1],
    ['half its requests failing for 50 s', 10, 0.5],
  ])('%s, ten minutes ago', (_, blocks, errors) => {
    const random = seeded(1)
    const seconds = secondsToFail(
      5_000,
      (i) => share(40, among(random, 40, i >= 9 && i < 9 + blocks ? errors : 0.0007)),
      () => share(20, among(random, 20, 0.053)),
    )
    expect(seconds).toBeLessThanOrEqual(300)
  })

  it('an outage of stable at any moment of the bake', () => {
    for (const at of [121, 130, 140]) {
      const random = seeded(at)
      const seconds = secondsToFail(
        5_000,
        (i) => share(40, among(random, 40, i === at ? 1 : 0.0007)),
        () => share(20, among(random, 20, 0.053)),
      )
      expect(seconds).toBeLessThanOrEqual(300)
    }
  })

  it.each([10, 20, 200])('one broken pod of %d, whose every request fails', (pods) => {
    const random = seeded(2)
    const seconds = secondsToFail(
      10_000,
      () => {
        const byPod = Array.from({ length: pods }, (_, i) => {
          const requests = Math.round(2_000 / pods)
          return [
            `pod-${i}`,
            [requests, i === 3 ? requests : among(random, requests, 0.0007)] as const,
          ] as const
        })
        const bad = byPod.reduce((sum, [, [, ofPod]]) => sum + ofPod, 0)
        return { ...share(2_000, bad), pods: Object.fromEntries(byPod) }
      },
      () => share(100, among(random, 100, 1 / pods + 0.05)),
    )
    // A tenth of stable's requests failing hides five points more for longer than a two-hundredth does.
    expect(seconds).toBeLessThanOrEqual(pods === 10 ? 1_200 : 300)
  })
})

describe('the temper', () => {
  const factorOf = (blocks: readonly { requests: number; bad: number }[], blockMs = 10_000) => {
    const temper = new Temper()
    let all = { requests: 0, bad: 0 }
    blocks.forEach((block, i) => {
      const before = blocks[i - 1]
      if (before !== undefined) temper.compare(before, block, i * blockMs)
      all = { requests: all.requests + block.requests, bad: all.bad + block.bad }
    })
    return temper.factor((all.bad + 0.5) / (all.requests + 1))
  }
  const blocksOf = (count: number, bad: (index: number) => number, requests = 1_000) =>
    Array.from({ length: count }, (_, i) => ({ requests, bad: bad(i) }))
  const meanOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length

  it('is 1 for independent requests, and at most half as much again for all that one minute adds', () => {
    const calm = (i: number) => 8 + (i % 5)
    expect(factorOf(blocksOf(60, calm))).toBe(1)
    for (const length of [1, 2, 3, 6])
      for (const at of [0, 1, 29, 60 - length])
        expect(
          factorOf(blocksOf(60, (i) => (i >= at && i < at + length ? 900 : calm(i)))),
        ).toBeLessThanOrEqual(1.5)
  })

  it('says of errors in bursts what it said before anything was left out of it: five times as much', () => {
    const bursts = (seed: number, count: number) => {
      const random = seeded(seed)
      return blocksOf(count, () => inBursts(random, 1_000, 0.005))
    }
    const ofHistory = Array.from({ length: 60 }, (_, seed) => factorOf(bursts(seed, 60)))
    expect(meanOf(ofHistory)).toBeGreaterThan(4.5)
    expect(meanOf(ofHistory)).toBeLessThan(5.5)
    expect(factorOf(bursts(99, 600))).toBeGreaterThan(4)
  })

  it('sees two incidents that are minutes apart: that is how stable is', () => {
    const twice = blocksOf(60, (i) => (i === 10 || i === 40 ? 900 : 10))
    expect(factorOf(twice)).toBeGreaterThan(20)
  })

  it('takes all that is known where it is too little to leave a minute out', () => {
    const incident = (count: number) => blocksOf(count, (i) => (i === 3 ? 900 : 10))
    expect(factorOf(incident(27))).toBeGreaterThan(20)
    expect(factorOf(incident(28))).toBeLessThanOrEqual(1.5)
    // Blocks of five minutes: two of them are left out.
    expect(factorOf(incident(24), 300_000)).toBeLessThanOrEqual(1.5)
    expect(factorOf(incident(23), 300_000)).toBeGreaterThan(20)
  })

  it('of means is capped in the same way', () => {
    const factor = (incident: boolean) => {
      const random = seeded(5)
      const temper = new MeanTemper()
      for (let i = 0; i < 60; i++) {
        const values = Array.from({ length: 50 }, () => 100 * random() + (incident && i === 7 ? 5_000 : 0))
        const sum = values.reduce((all, value) => all + value, 0)
        temper.add(
          { count: 50, sum, sumOfSquares: values.reduce((all, value) => all + value * value, 0) },
          i * 10_000,
        )
      }
      return temper.factor
    }
    expect(factor(false)).toBeLessThan(1.5)
    expect(factor(true)).toBeLessThan(2)
  })
})

describe('the dispersion of pods', () => {
  const dispersionOf = (podCount: number, bad: (pod: number, block: number) => number, blocks = 68) => {
    const pods = new PodDispersion()
    for (let i = 0; i < blocks; i++)
      pods.add(
        Array.from({ length: podCount }, (_, pod) => ({ pod: `p${pod}`, requests: 200, bad: bad(pod, i) })),
        i * 10_000,
      )
    return pods.dispersion
  }

  it('is not decided by one broken pod of ten or more', () => {
    expect(dispersionOf(10, (pod, i) => (pod === 3 ? 200 : 1 + ((pod + i) % 3)))).toBeLessThanOrEqual(1.5)
    expect(dispersionOf(10, (pod) => (pod === 3 ? 200 : 0))).toBeLessThanOrEqual(1.5)
    expect(dispersionOf(9, (pod, i) => (pod === 3 ? 200 : 1 + ((pod + i) % 3)))).toBeGreaterThan(50)
  })

  it('is as large as before where all pods differ, or two of them are broken', () => {
    const lasting = (pod: number) => 2 + pod
    const requests = 20 * 200
    const bad = Array.from({ length: 20 }, (_, pod) => lasting(pod)).reduce((sum, one) => sum + one, 0)
    const expected = bad / 20
    const chiSquare = Array.from(
      { length: 20 },
      (_, pod) => (lasting(pod) - expected) ** 2 / (expected * (1 - bad / requests)),
    ).reduce((sum, one) => sum + one, 0)
    // The longest span tells it thirty times over, and two of them are over.
    expect(dispersionOf(20, lasting)).toBeCloseTo((30 * chiSquare) / 19 - Math.sqrt(2 / 38), 6)
    expect(dispersionOf(20, (pod) => (pod < 2 ? 200 : 1))).toBeGreaterThan(50)
  })
})
