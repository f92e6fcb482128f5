import type { Block } from '../../src/rollout/ports/judge.js'
import { LATENCY_EDGES_MS } from '../../src/platforms/local/forwarding/latency-edges.ts'
import type { LatencySample } from '../../src/rollout/ports/metric-source.js'
import { binomial } from './binomial.ts'
import { bucketDraw, normalQuantile } from './lognormal.ts'
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

/** Milliseconds: so many that the 5 ms which are tolerated by default are less than 10 % of hardly any request. */
export const medianMs = 200
/** Standard deviation of the logarithm of a pod's factor. */
export const podSigma = 0.05
const stablePods = 19
/** So many factors that are equally likely stand for all: each has a table of its own. */
const podFactors = Array.from({ length: 64 }, (_, i) => Math.exp(podSigma * normalQuantile((i + 0.5) / 64)))
const blocksPerMinute = 60 / setting.secondsPerBlock

/** Upper edges of buckets, with how they are called. */
export interface Buckets {
  readonly name: string
  readonly edgesMs: readonly number[]
}

/** Buckets by a factor, from 5 ms to about 5 s. */
const growing = (name: string, factor: number, count: number): Buckets => ({
  name,
  edgesMs: Array.from({ length: count }, (_, i) => 5 * factor ** i),
})

/** Two of them are the 10 % that are tolerated. */
export const fineBuckets = growing('each 4.9 % above the one before', Math.sqrt(1.1), 146)
export const tenPercentBuckets = growing('each 10 % above the one before', 1.1, 73)

/** Those of the local router. */
export const localBuckets: Buckets = {
  name: 'of the local router',
  edgesMs: LATENCY_EDGES_MS,
}

/** The blocks of a 30-min bake, one after the other, after those of stable's history. */
export const latencyBlocks = function* (random: Random, latencies: Latencies): Generator<Block> {
  const { edgesMs } = latencies.buckets
  const names = Array.from({ length: stablePods }, (_, i) => `stable-${i + 1}`)
  const ofStable = drawsBy(latencies, 1)
  const ofCandidate = drawsBy(latencies, latencies.factor)
  let noise = new Map<string, number>()
  const noiseOf = (pod: string): number => {
    const drawn = noise.get(pod) ?? Math.floor(random.next() * podFactors.length)
    noise.set(pod, drawn)
    return drawn
  }
  for (let index = -setting.historyBlocks; index < setting.blocks; index++) {
    if (index % blocksPerMinute === 0) noise = new Map()
    const toCandidate = index < 0 ? 0 : binomial(random, requestsPerBlock, setting.weight / 100)
    const sample = (requests: number, pods: readonly string[], draws: readonly Draw[]): LatencySample =>
      latencies.noisyPods
        ? latencySample(edgesMs, requests, pods, random, (pod) => draws[noiseOf(pod)] ?? draws[0])
        : withoutPods(latencySample(edgesMs, requests, [''], random, () => draws[0]))
    const stable = sample(requestsPerBlock - toCandidate, names, ofStable)
    const both = { stable, candidate: sample(toCandidate, ['candidate-1'], ofCandidate) }
    yield {
      fromMs: fromMsOf(index),
      toMs: fromMsOf(index) + blockMs,
      weight: index < 0 ? 0 : setting.weight,
      metrics: { latency: index < 0 ? { stable } : both },
    }
  }
}

/** The bucket of one request. */
type Draw = (random: Random) => number

const cached = new Map<string, readonly Draw[]>()

/** For each factor of a pod; for the middle one alone where pods do not differ. */
const drawsBy = ({ sigma, noisyPods, buckets }: Latencies, factor: number): readonly Draw[] => {
  const key = `${sigma} ${factor} ${noisyPods} ${buckets.name}`
  const draws =
    cached.get(key) ??
    (noisyPods ? podFactors : [1]).map((ofPod) =>
      bucketDraw(medianMs * factor * ofPod, sigma, buckets.edgesMs),
    )
  cached.set(key, draws)
  return draws
}

const withoutPods = ({ pods: _, ...sample }: LatencySample): LatencySample => sample

/** Requests go to the pods in turn. */
const latencySample = (
  edgesMs: readonly number[],
  requests: number,
  names: readonly string[],
  random: Random,
  drawOf: (pod: string) => Draw | undefined,
): LatencySample => {
  const counts = new Array<number>(edgesMs.length + 1).fill(0)
  const pods: Record<string, number[]> = {}
  for (const [turn, name] of names.entries()) {
    const ofPod = new Array<number>(counts.length).fill(0)
    const draw = drawOf(name)
    for (let i = turn; draw !== undefined && i < requests; i += names.length) {
      const bucket = draw(random)
      ofPod[bucket] = (ofPod[bucket] ?? 0) + 1
    }
    for (let bucket = 0; bucket < counts.length; bucket++)
      counts[bucket] = (counts[bucket] ?? 0) + (ofPod[bucket] ?? 0)
    pods[name] = ofPod
  }
  return { kind: 'latency', edgesMs, counts, pods }
}
