import { describe, expect, it } from '@jest/globals'
import { lowerBound, upperBound } from '../../bench/analysis/bounds.ts'
import { randomFrom } from '../../bench/analysis/random.ts'
import { shareBlocks } from '../../bench/analysis/share-traffic.ts'
import { simulateRuns } from '../../bench/analysis/simulate-runs.ts'
import { rows, shareId } from '../../bench/analysis/rows.ts'
import {
  mannWhitneyWay,
  shippedRules,
  shippedWay,
  thresholdWay,
  zTestWay,
} from '../../bench/analysis/ways-to-judge.ts'
import { LEAST, load } from '../config/given.js'
import { judge } from '../../src/analysis/judge.js'
import { judgeMannWhitney } from '../../src/analysis/mann-whitney/mann-whitney.js'
import { judgeThreshold } from '../../src/analysis/threshold.js'
import type { Bake, Block, Judgement } from '../../src/rollout/ports/judge.js'

const shipped = { judge, judgeMannWhitney, judgeThreshold }
const bake = (seed: string, stable: number, candidate: number): Block[] => [
  ...shareBlocks(randomFrom(seed), { stable, candidate, weather: 'calm' }),
]

/** A judge that fails, or passes early, at a look with this number. */
const playing = (at: number, judgement: Partial<Judgement>) => {
  const seen = { blocks: 0, looks: 0, over: 0 }
  const played = (): Bake => ({
    add: () => void (seen.blocks += 1),
    judgement: (holdOver) => {
      seen.looks += 1
      if (holdOver) seen.over = seen.looks
      const said = seen.looks === at ? judgement : {}
      return { verdict: 'inconclusive', reason: '', metrics: [], ...said }
    },
  })
  return { seen, shipped: { ...shipped, judge: played } }
}

describe('the way of the shipped judge', () => {
  const healthy = bake('healthy', 0.001, 0.001)

  it('looks after each block of the candidate, and ends with the failure', () => {
    const { seen, shipped: judges } = playing(7, { verdict: 'fail' })
    expect(shippedWay(judges, shippedRules.errors, true)(healthy)).toBe(70)
    expect(seen).toEqual({ blocks: 67, looks: 7, over: 0 })
  })

  it('is over with the last block', () => {
    const { seen, shipped: judges } = playing(0, {})
    expect(shippedWay(judges, shippedRules.errors, true)(healthy)).toBe(Infinity)
    expect(seen).toEqual({ blocks: 240, looks: 180, over: 180 })
  })

  it('ends with an early pass where it is told to, as nobody looks after that', () => {
    const { seen, shipped: judges } = playing(7, { verdict: 'pass', early: true })
    expect(shippedWay(judges, shippedRules.errors, true)(healthy)).toBe(Infinity)
    expect(seen.looks).toBe(7)
    const other = playing(7, { verdict: 'pass', early: true })
    shippedWay(other.shipped, shippedRules.errors, false)(healthy)
    expect(other.seen.looks).toBe(180)
  })

  it('fails what is bad, and not what is healthy', () => {
    expect(shippedWay(shipped, shippedRules.errors, true)(bake('bad', 0.001, 0.051))).toBeLessThan(120)
    expect(shippedWay(shipped, shippedRules.errors, false)(healthy)).toBe(Infinity)
  })
})

describe('the rules that are simulated', () => {
  it('are those that rollout.yml has by default', async () => {
    const { policy } = await load(`${LEAST}analysis: { metrics: [errors, latency-p95] }\n`)
    const { errors, latency } = shippedRules
    expect(policy.analysis?.parameters.rules).toEqual([errors, { ...latency, name: 'latency-p95' }])
    expect(policy.analysis?.parameters).toMatchObject({ minSamples: 100, alpha: 0.05 })
  })
})

describe('the ways of others', () => {
  it('find the very look at which a threshold fails', () => {
    for (let seed = 0; seed < 5; seed++) {
      const blocks = bake(`threshold ${seed}`, 0.001, 0.011)
      const candidate = blocks
        .slice(60)
        .map(({ metrics }) => metrics['errors']?.candidate as { requests: number; bad: number })
      let failures = 0
      const look = candidate.findIndex((_, at) => {
        if (at < 5) return false
        const minute = candidate.slice(at - 5, at + 1)
        const sum = (part: 'requests' | 'bad') => minute.reduce((total, sample) => total + sample[part], 0)
        if (sum('bad') / sum('requests') > 0.01) failures += 1
        return failures > 3
      })
      expect(thresholdWay(shipped, 3)(blocks)).toBe(look < 0 ? Infinity : (look + 1) * 10)
    }
  })

  it('compare by Mann and Whitney from the fifth minute on', () => {
    expect(mannWhitneyWay(shipped)(bake('bad', 0.001, 0.051))).toBe(300)
    expect(mannWhitneyWay(shipped)(bake('good', 0.01, 0.01))).toBe(Infinity)
  })

  it('take the textbook test at each look for what it is: quick, and wrong too often', () => {
    expect(zTestWay()(bake('bad', 0.001, 0.051))).toBeLessThanOrEqual(20)
    const alarms = Array.from({ length: 60 }, (_, i) => zTestWay()(bake(`healthy ${i}`, 0.001, 0.001)))
    expect(alarms.filter(Number.isFinite).length).toBeGreaterThan(6)
  })
})

describe('the runs of a row', () => {
  const rowId = shareId('3 allowed', '0.1%', 'calm', 0.01)

  it('are the same however they are divided', () => {
    const runs = (from: number, to: number) => simulateRuns(shipped, { rowId, seed: 5, from, to })
    expect([...runs(0, 3), ...runs(3, 8)]).toEqual(runs(0, 8))
    expect(new Set(runs(0, 8)).size).toBeGreaterThan(2)
  })

  it('differ by seed', () => {
    const runs = (seed: number) => simulateRuns(shipped, { rowId, seed, from: 0, to: 8 })
    expect(runs(1)).not.toEqual(runs(2))
  })

  it('belong to rows with names of their own', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  })
})

describe('an exact bound of a share', () => {
  it.each([
    [0, 20_000, 0, 1.4977e-4],
    [1, 20_000, 2.5646e-6, 2.3717e-4],
    [5, 100, 0.019908, 0.10225],
    [100, 100, 0.970487, 1],
  ])('%d of %d', (count, runs, lower, upper) => {
    expect(lowerBound(count, runs) / Math.max(lower, 1e-12)).toBeCloseTo(lower === 0 ? 0 : 1, 3)
    expect(upperBound(count, runs) / upper).toBeCloseTo(1, 3)
  })
})
