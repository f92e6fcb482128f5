import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Block, MetricRule } from '../../src/rollout/ports/judge.js'
import type { LatencySample, Sample, ShareSample } from '../../src/rollout/ports/metric-source.js'
import { binomial } from './binomial.ts'
import type { Buckets } from './latency-traffic.ts'
import { randomFrom, type Random } from './random.ts'
import { blockMs, fromMsOf, setting } from './setting.ts'
import type { Shipped } from './shipped.ts'
import { shippedRules } from './ways-to-judge.ts'

const pods = 200
const requestsPerPod = 50
const rules: readonly MetricRule[] = [
  ...['errors', 'errors-checkout', 'errors-search'].map((name) => ({ ...shippedRules.errors, name })),
  ...['latency', 'latency-checkout'].map((name) => ({ ...shippedRules.latency, name })),
]

const shareOf = (random: Random, names: readonly string[]): ShareSample => {
  const byPod = names.map((name): [string, [number, number]] => [
    name,
    [requestsPerPod, binomial(random, requestsPerPod, 0.001)],
  ])
  const bad = byPod.reduce((sum, [, [, ofPod]]) => sum + ofPod, 0)
  return { kind: 'share', requests: names.length * requestsPerPod, bad, pods: Object.fromEntries(byPod) }
}

const latencyOf = (random: Random, { edgesMs }: Buckets, names: readonly string[]): LatencySample => {
  const counts = new Array<number>(edgesMs.length + 1).fill(0)
  const byPod = names.map((name): [string, number[]] => {
    const ofPod = counts.map(() => 0)
    for (let i = 0; i < requestsPerPod; i++) {
      const bucket = Math.floor(random.next() * ofPod.length)
      ofPod[bucket] = (ofPod[bucket] ?? 0) + 1
      counts[bucket] = (counts[bucket] ?? 0) + 1
    }
    return [name, ofPod]
  })
  return { kind: 'latency', edgesMs, counts, pods: Object.fromEntries(byPod) }
}

interface Pods {
  readonly stable: readonly string[]
  readonly candidate: readonly string[]
}

const blockAt = (random: Random, buckets: Buckets, index: number, sides: Pods): Block => {
  const sample = (rule: MetricRule, names: readonly string[]): Sample =>
    rule.kind === 'share' ? shareOf(random, names) : latencyOf(random, buckets, names)
  return {
    fromMs: fromMsOf(index),
    toMs: fromMsOf(index) + blockMs,
    weight: setting.weight,
    metrics: Object.fromEntries(
      rules.map((rule) => [
        rule.name,
        { stable: sample(rule, sides.stable), candidate: sample(rule, sides.candidate) },
      ]),
    ),
  }
}

/** Bytes of the heap that are in use once nothing superfluous is. */
const heapInUse = (): number => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

/**
 * What a bake of 30 min with 5 metrics and 200 pods keeps at its end, its blocks included, in MB. Nearly all of it are the
 * histograms of single pods: 8 bytes for each bucket of each pod, block and latency.
 */
export const bakeSize = ({ judge }: Shipped, seed: number, buckets: Buckets): number => {
  const random = randomFrom(`${seed} size`)
  const names = Array.from({ length: pods }, (_, i) => `shop-7c9d8f6b5-${i}`)
  const ofCandidate = Math.round((pods * setting.weight) / 100)
  const sides = { candidate: names.slice(0, ofCandidate), stable: names.slice(ofCandidate) }
  const before = heapInUse()
  const bake = judge({ rules, minSamples: 100, longestHoldMs: setting.blocks * blockMs })
  // They are kept for the report too.
  const blocks: Block[] = []
  for (let index = 0; index < setting.blocks; index++) {
    const block = blockAt(random, buckets, index, sides)
    blocks.push(block)
    bake.add(block)
    bake.judgement(false)
  }
  const size = heapInUse() - before
  if (blocks.length !== setting.blocks || bake.judgement(true).metrics.length !== rules.length)
    throw new Error('the bake was gone before it was weighed')
  return size / 1e6
}
