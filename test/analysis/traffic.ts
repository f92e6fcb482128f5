import type { Block } from '../../src/rollout/ports/judge.js'
import type { LatencySample, ShareSample } from '../../src/rollout/ports/metric-source.js'

const { cos, exp, imul, log, PI, round, sqrt } = Math

/** Upper edges of the histograms here, milliseconds. */
export const EDGES_MS = [1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 150, 200, 300, 500, 1_000]

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** How a side behaves: its share of errors, and the lognormal of its latencies. */
export interface Behaviour {
  readonly errors: number
  readonly medianMs: number
  readonly sigma: number
  readonly extraMs?: number
}

export interface Traffic {
  readonly requestsPerSecond: number
  /** The candidate's weight in percent. */
  readonly weight: number
  readonly secondsPerBlock: number
}

/** Both sides of one block, request by request. */
export function blockOf(
  random: () => number,
  index: number,
  traffic: Traffic,
  stable: Behaviour | undefined,
  candidate: Behaviour,
): Block {
  const all = round(traffic.requestsPerSecond * traffic.secondsPerBlock)
  const share = traffic.weight / 100
  let toCandidate = 0
  for (let i = 0; i < all; i++) if (random() < share) toCandidate += 1
  const fromMs = index * traffic.secondsPerBlock * 1_000
  const ofStable = stable && samplesOf(random, all - toCandidate, stable)
  const ofCandidate = samplesOf(random, toCandidate, candidate)
  return {
    fromMs,
    toMs: fromMs + traffic.secondsPerBlock * 1_000,
    weight: traffic.weight,
    metrics: {
      errors: { ...(ofStable && { stable: ofStable.errors }), candidate: ofCandidate.errors },
      'latency-p95': { ...(ofStable && { stable: ofStable.latency }), candidate: ofCandidate.latency },
    },
  }
}

function samplesOf(
  random: () => number,
  requests: number,
  behaviour: Behaviour,
): { errors: ShareSample; latency: LatencySample } {
  const counts = new Array<number>(EDGES_MS.length + 1).fill(0)
  let bad = 0
  for (let i = 0; i < requests; i++) {
    if (random() < behaviour.errors) bad += 1
    const normal = sqrt(-2 * log(1 - random())) * cos(2 * PI * random())
    const ms = behaviour.medianMs * exp(behaviour.sigma * normal) + (behaviour.extraMs ?? 0)
    const bucket = EDGES_MS.findIndex((edge) => ms <= edge)
    const at = bucket < 0 ? EDGES_MS.length : bucket
    counts[at] = (counts[at] ?? 0) + 1
  }
  return { errors: { kind: 'share', requests, bad }, latency: { kind: 'latency', edgesMs: EDGES_MS, counts } }
}
