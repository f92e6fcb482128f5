import type { Block } from '../../src/rollout/ports/judge.js'
import { LATENCY_EDGES_MS } from '../../src/platforms/local/forwarding/latency-edges.ts'
import type { LatencySample } from '../../src/rollout/ports/metric-source.js'
import { binomial } from './binomial.ts'
import type { Random } from './random.ts'
import { blockMs, fromMsOf, requestsPerBlock, setting } from './setting.ts'

/** Lognormal latencies of both sides. */
export interface Latencies {
  /** Standard deviation of the logarithm. */
  readonly sigma: number
  /** The candidate is slower by this factor, at every percentile. */
  readonly factor: number
  /** Every pod is slower or faster by a factor of its own that is drawn anew each minute. */
  readonly noisyPods: boolean
  readonly buckets: Buckets
}

/** Milliseconds. Any would do: it is where the buckets lie around it that counts. */
export const medianMs = 80
/** Standard deviation of the logarithm of a pod's factor. */
export const podSigma = 0.05
const stablePods = 19
const blocksPerMinute = 60 / setting.secondsPerBlock

/** Upper edges of buckets, with how they are called. */
export interface Buckets {
  readonly name: string
  readonly edgesMs: readonly number[]
}

export const fineBuckets: Buckets = {
  name: 'each bucket 10 % above the one before, from 5 ms to 5 s',
  edgesMs: Array.from({ length: 73 }, (_, i) => Number((5 * 1.1 ** i).toPrecision(6))),
}

/** Those of the local router. */
export const localBuckets: Buckets = {
  name: 'those of the local router',
  edgesMs: LATENCY_EDGES_MS,
}

/** The blocks of a 30-min bake, one after the other, after those of stable's history. */
export const latencyBlocks = function* (random: Random, latencies: Latencies): Generator<Block> {
  const bucketOf = indexer(latencies.buckets.edgesMs)
  const names = Array.from({ length: stablePods }, (_, i) => `stable-${i + 1}`)
  let noise = new Map<string, number>()
  const shiftOf = (pod: string): number => {
    if (!latencies.noisyPods) return 0
    const drawn = noise.get(pod) ?? podSigma * random.normal()
    noise.set(pod, drawn)
    return drawn
  }
  const sample = (requests: number, pods: readonly string[], factor: number): LatencySample =>
    latencySample(latencies.buckets.edgesMs, requests, pods, (pod) =>
      bucketOf(Math.log(medianMs * factor) + shiftOf(pod) + latencies.sigma * random.normal()),
    )
  for (let index = -setting.historyBlocks; index < setting.blocks; index++) {
    if (index % blocksPerMinute === 0) noise = new Map()
    const toCandidate = index < 0 ? 0 : binomial(random, requestsPerBlock, setting.weight / 100)
    const stable = sample(requestsPerBlock - toCandidate, names, 1)
    yield {
      fromMs: fromMsOf(index),
      toMs: fromMsOf(index) + blockMs,
      weight: index < 0 ? 0 : setting.weight,
      metrics: {
        latency:
          index < 0
            ? { stable }
            : { stable, candidate: sample(toCandidate, ['candidate-1'], latencies.factor) },
      },
    }
  }
}

/** Requests go to the pods in turn. */
const latencySample = (
  edgesMs: readonly number[],
  requests: number,
  names: readonly string[],
  draw: (pod: string) => number,
): LatencySample => {
  const counts = new Array<number>(edgesMs.length + 1).fill(0)
  const pods = names.map((name): [string, number[]] => [name, new Array<number>(counts.length).fill(0)])
  for (let i = 0; i < requests; i++) {
    const [name, ofPod] = pods[i % pods.length] ?? ['', []]
    const bucket = draw(name)
    counts[bucket] = (counts[bucket] ?? 0) + 1
    ofPod[bucket] = (ofPod[bucket] ?? 0) + 1
  }
  return { kind: 'latency', edgesMs, counts, pods: Object.fromEntries(pods) }
}

/** The bucket of a latency that is given as its logarithm. */
const indexer = (edgesMs: readonly number[]): ((log: number) => number) => {
  const logs = Float64Array.from(edgesMs, (edge) => Math.log(edge))
  return (log) => {
    let [low, high] = [0, logs.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((logs[middle] ?? Infinity) < log) low = middle + 1
      else high = middle
    }
    return low
  }
}
