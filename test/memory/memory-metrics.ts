import type { Side } from '../../src/rollout/place.js'
import type {
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
  PastSample,
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
    return this.sampleAt(metric, selector, window, this.#world.split[sideOf(selector)] ?? 0)
  }

  /** What a side answers in a window at a weight, in percent. */
  protected sampleAt(metric: MetricQuery, selector: Selector, window: MetricWindow, weight: number): Sample {
    const version = this.#world.versionOf(sideOf(selector))
    const behaviour = this.#world.behaviourOf(version ?? 'nobody')
    const asked = ((window.toMs - window.fromMs) / 1000) * REQUESTS_PER_SECOND * (weight / 100)
    const requests = version === undefined ? 0 : Math.round(asked)
    if (metric.kind === 'share')
      return { kind: 'share', requests, bad: Math.round(requests * behaviour.errorShare) }
    if (metric.kind === 'scalar') return { kind: 'scalar', value: behaviour.latencyMs }
    if (metric.kind === 'mean') {
      const sum = requests * behaviour.latencyMs
      return { kind: 'mean', count: requests, sum, sumOfSquares: sum * behaviour.latencyMs }
    }
    const bucket = EDGES_MS.findIndex((edge) => behaviour.latencyMs <= edge)
    const counts = [...EDGES_MS, Infinity].map((_, i) =>
      i === (bucket < 0 ? EDGES_MS.length : bucket) ? requests : 0,
    )
    return { kind: 'latency', edgesMs: EDGES_MS, counts }
  }
}

/** The same with a past, in which the release that is asked for had all requests. */
export class MemoryMetricsWithPast extends MemoryMetrics {
  /** What it was asked for. */
  readonly asked: (MetricWindow & { readonly blockMs: number; readonly metric: string })[] = []

  async history(
    metric: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]> {
    this.asked.push({ ...window, blockMs, metric: metric.name })
    const blocks: PastSample[] = []
    for (let toMs = window.toMs; toMs - blockMs >= window.fromMs; toMs -= blockMs) {
      const one = { fromMs: toMs - blockMs, toMs }
      blocks.unshift({ ...one, sample: this.sampleAt(metric, of, one, 100) })
    }
    return blocks
  }
}

function sideOf(selector: Selector): Side {
  const side = selector['side']
  if (side === 'blue' || side === 'green' || side === 'live' || side === 'off' || side === 'on') return side
  throw new Error(`no side in ${JSON.stringify(selector)}`)
}
