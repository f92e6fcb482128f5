import type { Block } from '../../src/rollout/ports/judge.js'
import {
  fineBuckets,
  latencyBlocks,
  localBuckets,
  tenPercentBuckets,
  type Buckets,
} from './latency-traffic.ts'
import type { Random } from './random.ts'
import { shareBlocks, type Weather } from './share-traffic.ts'
import type { Shipped } from './shipped.ts'
import {
  mannWhitneyWay,
  shippedRules,
  shippedWay,
  thresholdWay,
  zTestWay,
  type Way,
} from './ways-to-judge.ts'

export type Rule = 'at once' | '3 allowed' | '5 checks' | 'Mann-Whitney' | 'z' | 'shipped'

/** One line of numbers: a release in some weather, judged in one way, many times. */
export interface Row {
  /** Names the row, and begins the random numbers of its runs. */
  readonly id: string
  readonly rule: Rule
  readonly traffic: (random: Random) => Iterable<Block>
  /** Whether the release is as good as the one before, so that a failure is false. */
  readonly healthy: boolean
  readonly metric: 'errors' | 'latency'
}

export const levels = { '0.1%': 0.001, '1%': 0.01 } as const
export type Level = keyof typeof levels
export const regressions: Readonly<Record<Level, readonly number[]>> = {
  '0.1%': [0.005, 0.01, 0.02, 0.05],
  '1%': [0.01, 0.02, 0.05],
}
export const weathers = ['calm', 'bursts', 'incident', 'outage'] as const
export const sigmas = [0.5, 1] as const
/** 20 % slower. */
const slower = 1.2

const shareRow = (rule: Rule, level: Level, weather: Weather, more = 0): Row => ({
  id: shareId(rule, level, weather, more),
  rule,
  traffic: (random) =>
    shareBlocks(random, { stable: levels[level], candidate: levels[level] + more, weather }),
  healthy: more === 0,
  metric: 'errors',
})

export const shareId = (rule: Rule, level: Level, weather: Weather, more = 0): string =>
  `errors ${level} ${weather} +${more} ${rule}`

const latencyRow = (sigma: number, factor: number, noisyPods: boolean, buckets: Buckets): Row => ({
  id: latencyId(sigma, factor !== 1, noisyPods, buckets),
  rule: 'shipped',
  traffic: (random) => latencyBlocks(random, { sigma, factor, noisyPods, buckets }),
  healthy: factor === 1,
  metric: 'latency',
})

export const latencyId = (sigma: number, isSlower: boolean, noisyPods: boolean, buckets: Buckets): string =>
  `p95 ${sigma} ${isSlower ? 'slower' : 'healthy'} ${noisyPods ? 'noisy' : 'even'} ${buckets.name}`

const levelNames = Object.keys(levels) as readonly Level[]
export const peers = ['at once', '3 allowed', '5 checks', 'Mann-Whitney', 'z'] as const

/** Rules with a limit of 1 % cannot be used where 1 % is normal. */
export const knows = (rule: Rule, level: Level): boolean =>
  level === '0.1%' || rule === 'shipped' || rule === 'Mann-Whitney' || rule === 'z'

export const rows: readonly Row[] = [
  ...levelNames.flatMap((level) => [
    ...weathers.map((weather) => shareRow('shipped', level, weather)),
    ...regressions[level].map((more) => shareRow('shipped', level, 'calm', more)),
    ...peers.map((rule) => shareRow(rule, level, 'calm')),
    ...peers
      .filter((rule) => knows(rule, level))
      .flatMap((rule) => regressions[level].map((more) => shareRow(rule, level, 'calm', more))),
  ]),
  // The commonest rule in bad weather.
  ...weathers
    .filter((weather) => weather !== 'calm')
    .map((weather) => shareRow('3 allowed', '0.1%', weather)),
  ...sigmas.flatMap((sigma) => [
    latencyRow(sigma, 1, false, fineBuckets),
    latencyRow(sigma, 1, true, fineBuckets),
    latencyRow(sigma, slower, false, fineBuckets),
    latencyRow(sigma, slower, true, fineBuckets),
    latencyRow(sigma, slower, false, tenPercentBuckets),
    latencyRow(sigma, slower, false, localBuckets),
  ]),
]

export const wayOf = (shipped: Shipped, { rule, metric, healthy }: Row): Way => {
  switch (rule) {
    case 'shipped':
      return shippedWay(shipped, shippedRules[metric], !healthy)
    case 'at once':
      return thresholdWay(shipped, 0)
    case '3 allowed':
      return thresholdWay(shipped, 3)
    case '5 checks':
      return thresholdWay(shipped, 4)
    case 'Mann-Whitney':
      return mannWhitneyWay(shipped)
    case 'z':
      return zTestWay()
  }
}
