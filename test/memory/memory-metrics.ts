import type { Side } from '../../src/rollout/place.js'
import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
  Sample,
} from '../../src/rollout/ports/metric-source.js'
import type { Selector } from '../../src/rollout/ports/platform.js'
import type { MemoryWorld } from './memory-world.js'

const REQUESTS_PER_SECOND = 400
const EDGES_MS = [5, 10, 20, 40, 80, 160, 320]

/** Counts what the world in memory would have answered at its present weights. */
export class MemoryMetrics implements MetricSource {
  readonly name = 'memory metrics'
  readonly lagMs = 0
  readonly #world: MemoryWorld

  constructor(world: MemoryWorld) {
    this.#world = world
  }

  async counts(
    metric: MetricQuery,
    by: { stable: Selector | undefined; candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading> {
    return {
      kind: 'samples',
      stable: by.stable === undefined ? undefined : this.#sample(metric, by.stable, window),
      candidate: this.#sample(metric, by.candidate, window),
    }
  }

  #sample(metric: MetricQuery, selector: Selector, window: MetricWindow): Sample {
    const side = sideOf(selector)
    const version = this.#world.versionOf(side)
    const behaviour = this.#world.behaviourOf(version ?? 'nobody')
    const share = (this.#world.split[side] ?? 0) / 100
    const requests =
      version === undefined
        ? 0
        : Math.round(((window.toMs - window.fromMs) / 1000) * REQUESTS_PER_SECOND * share)
    if (metric.kind === 'share')
      return { kind: 'share', requests, bad: Math.round(requests * behaviour.errorShare) }
    const bucket = EDGES_MS.findIndex((edge) => behaviour.latencyMs <= edge)
    const counts = [...EDGES_MS, Infinity].map((_, i) =>
      i === (bucket < 0 ? EDGES_MS.length : bucket) ? requests : 0,
    )
    return { kind: 'latency', edgesMs: EDGES_MS, counts }
  }
}

function sideOf(selector: Selector): Side {
  const side = selector['side']
  if (side === 'blue' || side === 'green' || side === 'live' || side === 'off' || side === 'on') return side
  throw new Error(`no side in ${JSON.stringify(selector)}`)
}
