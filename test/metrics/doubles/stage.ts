import type { MetricQuery, MetricSource } from '../../../src/rollout/ports/metric-source.js'
import type { SourceContext } from '../../../src/metrics/source-context.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { VirtualClock } from '../../memory/virtual-clock.js'
import type { MetricSourceHarness } from '../../contracts/metric-source-contract.js'
import type { VendorDouble } from './vendor-double.js'

/** When the tests' time begins: at a whole minute. */
export const EPOCH_MS = Date.UTC(2026, 0, 6, 11)

export const BOTH = { stable: { slot: 'blue' }, candidate: { slot: 'green' } } as const

/** A source, the double that it asks, and time that passes as a test says. */
export class VendorStage<Double extends VendorDouble> {
  readonly double: Double
  readonly source: MetricSource
  readonly clock: VirtualClock
  readonly warned: readonly string[]

  constructor(double: Double, source: MetricSource, clock: VirtualClock, warned: readonly string[]) {
    this.double = double
    this.source = source
    this.clock = clock
    this.warned = warned
  }

  static async open<Double extends VendorDouble>(
    make: (now: () => number) => Double,
    source: (url: string, context: SourceContext) => MetricSource,
    service = 'shop',
  ): Promise<VendorStage<Double>> {
    const clock = new VirtualClock(EPOCH_MS)
    const double = make(() => clock.wallTime().getTime())
    const warned: string[] = []
    const context: SourceContext = {
      clock,
      signal: new AbortController().signal,
      service,
      warn: (line) => warned.push(line),
      random: () => 0.5,
    }
    return new VendorStage(double, source(await double.listen(), context), clock, warned)
  }

  /** Some requests of both slots in the first step of a window of `stepsLong` steps; then so much time that all can be read. */
  serve(
    counts: Readonly<Record<string, { readonly good: number; readonly bad: number; readonly ms?: number }>>,
    { stepsLong = 1 } = {},
  ): { fromMs: number; toMs: number } {
    const step = this.source.stepMs ?? 1
    const now = this.clock.wallTime().getTime()
    this.clock.advance(step - (now % step))
    const fromMs = this.clock.wallTime().getTime()
    for (const [slot, { good, bad, ms = 1 }] of Object.entries(counts))
      this.double.count(slot, { good, bad, ms })
    this.clock.advance(step * stepsLong)
    const toMs = this.clock.wallTime().getTime()
    this.clock.advance(this.source.lagMs)
    return { fromMs, toMs }
  }

  /** Requests of both slots that are stored once in so long a time, so often; the window is the step of the last ones. */
  serveEvery(apartMs: number, times: number): { fromMs: number; toMs: number } {
    const step = this.source.stepMs ?? 1
    this.clock.advance(apartMs - (this.clock.wallTime().getTime() % apartMs))
    for (let time = 1; time <= times; time++) {
      if (time > 1) this.clock.advance(apartMs)
      for (const slot of ['blue', 'green']) this.double.count(slot, { good: 50, bad: 1, ms: 1 })
    }
    const fromMs = this.clock.wallTime().getTime()
    this.clock.advance(step + this.source.lagMs)
    return { fromMs, toMs: fromMs + step }
  }

  harness(errors: MetricQuery, latency: MetricQuery): MetricSourceHarness {
    const { double, source, clock } = this
    return {
      source,
      ...BOTH,
      resolutionMs: source.stepMs ?? 1,
      errors,
      latency,
      pass: (ms) => {
        clock.advance(ms)
        return Promise.resolve()
      },
      traffic: (side, requests) => {
        double.count(BOTH[side].slot, requests)
        return Promise.resolve()
      },
      dispose: () => this.close(),
    }
  }

  /** @throws if the double was asked what no vendor would be asked */
  async close(): Promise<void> {
    await this.double.close()
    if (this.double.strange.length > 0)
      throw new Error(`strange questions: ${this.double.strange.join('; ')}`)
  }
}

/** What a promise is rejected with, with its hint. */
export async function failureOf(promise: Promise<unknown>): Promise<UserError | TransientError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (thrown instanceof UserError || thrown instanceof TransientError) return thrown
  throw new Error(`neither UserError nor TransientError: ${String(thrown)}`)
}
