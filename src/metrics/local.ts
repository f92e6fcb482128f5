import type { Place } from '../rollout/place.js'
import type {
  LatencySample,
  MetricQuery,
  MetricReading,
  MetricSource,
  MetricWindow,
  PastSample,
  Sample,
} from '../rollout/ports/metric-source.js'
import type { Selector } from '../rollout/ports/platform.js'

/** What the supervisor counted of one slot in a window. */
interface SlotCounts {
  readonly requests: number
  readonly errors: number
  readonly latency: LatencySample
  /** Wall time from which on everything was counted. */
  readonly knownSinceMs: number
}

interface CountCommands {
  time: { given: Record<string, never>; answer: number }
  counts: { given: { slot: Place; fromMs: number; toMs: number }; answer: SlotCounts }
}

/** The way to the supervisor that counts; the control client of platform `local` is one. */
export interface CountControl {
  request<Name extends keyof CountCommands>(
    command: Name,
    given: CountCommands[Name]['given'],
  ): Promise<CountCommands[Name]['answer']>
}

/**
 * What the embedded router has counted itself: every request that a slot answered on the public port, testers' left out, in
 * whole seconds of the supervisor's time. Bad are answers with 5xx, those that broke off, and those that the router had
 * to make for the slot.
 */
export class LocalMetricSource implements MetricSource {
  readonly name = 'local'
  /** Windows are cut down to whole seconds, and a second that is over is complete. */
  readonly lagMs = 0
  readonly stepMs = 1_000
  readonly #client: CountControl

  constructor(client: CountControl) {
    this.#client = client
  }

  async now(): Promise<Date> {
    return new Date(await this.#client.request('time', {}))
  }

  /** @throws TransientError while the supervisor is lost. A window that its counts do not reach is no data. */
  async counts(
    metric: MetricQuery,
    by: { readonly stable: Selector | undefined; readonly candidate: Selector },
    window: MetricWindow,
  ): Promise<MetricReading> {
    if (metric.kind !== 'share' && metric.kind !== 'latency')
      return { kind: 'no-data', why: notCounted(metric) }
    const { kind } = metric
    const [stable, candidate] = await Promise.all([
      by.stable === undefined ? undefined : this.#counts(by.stable, window),
      this.#counts(by.candidate, window),
    ])
    if (window.fromMs < candidate.knownSinceMs) {
      const since = new Date(candidate.knownSinceMs).toISOString()
      return { kind: 'no-data', why: `the local router has counts since ${since} only` }
    }
    return {
      kind: 'samples',
      stable: stable === undefined ? undefined : sampleOf(kind, stable),
      candidate: sampleOf(kind, candidate),
    }
  }

  /**
   * As far back as the supervisor has counted: since it was started, at most 30 minutes.
   * @throws TransientError while the supervisor is lost
   */
  async history(
    { kind }: MetricQuery,
    of: Selector,
    window: MetricWindow,
    blockMs: number,
  ): Promise<readonly PastSample[]> {
    if (kind !== 'share' && kind !== 'latency') return []
    const counted = await Promise.all(
      wholeSeconds(window, blockMs).map(async (block) => ({ block, counts: await this.#counts(of, block) })),
    )
    return counted
      .filter(({ block, counts }) => counts.knownSinceMs <= block.fromMs)
      .map(({ block, counts }) => ({ ...block, sample: sampleOf(kind, counts) }))
  }

  #counts(by: Selector, { fromMs, toMs }: MetricWindow): Promise<SlotCounts> {
    return this.#client.request('counts', { slot: slotOf(by), fromMs, toMs })
  }
}

function sampleOf(kind: 'share' | 'latency', { requests, errors, latency }: SlotCounts): Sample {
  return kind === 'share' ? { kind, requests, bad: errors } : latency
}

function notCounted({ name, kind }: MetricQuery): string {
  return `the local router counts errors and latencies, but no ${kind} such as ${name}`
}

/** Blocks side by side that end where the window does, oldest first. Both ends are cut down to a second, as those of counts. */
function wholeSeconds({ fromMs, toMs }: MetricWindow, blockMs: number): readonly MetricWindow[] {
  const length = Math.max(1_000, Math.ceil(blockMs / 1_000) * 1_000)
  const endMs = Math.floor(toMs / 1_000) * 1_000
  const count = Math.max(0, Math.floor((endMs - Math.floor(fromMs / 1_000) * 1_000) / length))
  return Array.from({ length: count }, (_, index) => {
    const blockEndMs = endMs - (count - 1 - index) * length
    return { fromMs: blockEndMs - length, toMs: blockEndMs }
  })
}

function slotOf(selector: Selector): Place {
  const slot = selector['slot']
  if (slot === 'blue' || slot === 'green') return slot
  throw new Error(`the local metrics know slots by name, not ${JSON.stringify(selector)}`)
}
