import type { Block, MetricRule } from '../../src/rollout/ports/judge.js'
import { fineBuckets, latencyBlocks } from './latency-traffic.ts'
import { randomFrom } from './random.ts'
import { shareBlocks } from './share-traffic.ts'
import type { Shipped } from './shipped.ts'
import { shippedRules } from './ways-to-judge.ts'

/** A block each second, as the local router gives them: as many as a bake of 30 min can have. */
const blockMs = 1_000
const blocks = 1_800
/** The last minute of the bake is what is timed. */
const timed = 60
const bakes = 5

const everySecond = function* (of: () => Iterable<Block>): Generator<Block> {
  for (let count = 0; ;)
    for (const block of of()) {
      if (Object.values(block.metrics).some(({ candidate }) => candidate === undefined)) continue
      yield { ...block, fromMs: count * blockMs, toMs: (count + 1) * blockMs }
      count += 1
      if (count === blocks) return
    }
}

/** What each look of the last minute of one bake costs: adding a block and judging, in milliseconds. */
const looksOf = ({ judge }: Shipped, rule: MetricRule, source: () => Iterable<Block>): number[] => {
  const bake = judge({ rules: [rule], minSamples: 100, longestHoldMs: blocks * blockMs })
  const all = [...everySecond(source)]
  for (const block of all.slice(0, -timed)) bake.add(block)
  return all.slice(-timed).map((block) => {
    const begin = performance.now()
    bake.add(block)
    bake.judgement(false)
    return performance.now() - begin
  })
}

export interface LookCost {
  /** Medians, in milliseconds, of a look of one metric. */
  readonly errors: number
  readonly latency: number
}

/** What a look of one metric costs at the end of a bake of 30 min with a block each second, history apart. */
export const lookCost = (shipped: Shipped, seed: number): LookCost => {
  const random = randomFrom(`${seed} looks`)
  const errors = (): Iterable<Block> =>
    shareBlocks(random, { stable: 0.001, candidate: 0.001, weather: 'calm' })
  const latencies = { sigma: 0.5, factor: 1, noisyPods: true, buckets: fineBuckets }
  return {
    errors: medianOf(repeat(() => looksOf(shipped, shippedRules.errors, errors))),
    latency: medianOf(
      repeat(() => looksOf(shipped, shippedRules.latency, () => latencyBlocks(random, latencies))),
    ),
  }
}

const repeat = (look: () => number[]): number[] => Array.from({ length: bakes }, look).flat()

/** The middle one, or the higher of the two in the middle; Infinity counts as any other. */
export const medianOf = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
