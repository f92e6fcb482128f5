import type { Row } from './record.ts'

/** One version, as its answers name it. */
export type VersionCount = { requests: number; errors: number; p50: number | null; p95: number | null }

/** Counts of one second, or since the last status. Lost and errors are told apart for good only by the verdict. */
export type Second = {
  event: 'second' | 'status'
  /** Milliseconds since 1970. */
  at: number
  /** Of the service under test: due in this second, answered correctly, failed. */
  sent: number
  answered: number
  /** Complete answers that are errors and name the version that wrote them. */
  errors: number
  /** Everything else that was not answered correctly in time. */
  lost: number
  byVersion: Record<string, VersionCount>
  control: { sent: number; lost: number }
  inFlight: number
  /** The worst delay between due and sent so far, in milliseconds: above 100 the run is void. */
  worstDelayMs: number
  /** Since the run began. */
  total: { sent: number; answered: number; errors: number; lost: number }
}

/** What the generator says on its standard output, a line of JSON each. */
export type LoadEvent =
  | Second
  | { event: 'started'; at: number }
  | { event: 'burst-sent'; at: number }
  | { event: 'stopped'; at: number }

type Counting = { requests: number; errors: number; latencies: number[] }

/** Counts while it runs, for those who watch. */
export class LiveStatistics {
  #total = { sent: 0, answered: 0, errors: 0, lost: 0 }
  #before = { ...this.#total }
  #control = { sent: 0, lost: 0 }
  #byVersion = new Map<string, Counting>()
  #worstDelayMs = 0

  sent(row: Row): void {
    this.#worstDelayMs = Math.max(this.#worstDelayMs, row.sent - row.due)
    if (row.side === 'control') this.#control.sent += 1
    else this.#total.sent += 1
  }

  done(row: Row): void {
    if (row.side === 'control') {
      if (row.error !== null) this.#control.lost += 1
      return
    }
    const version = row.version === null ? undefined : this.#counting(row.version)
    if (row.error === null) this.#total.answered += 1
    else if (version === undefined) this.#total.lost += 1
    else this.#total.errors += 1
    if (version === undefined) return
    version.requests += 1
    if (row.error !== null) version.errors += 1
    // Slow requests are slow on purpose.
    else if (row.done !== null && row.kind !== 'slow') version.latencies.push(row.done - row.due)
  }

  /** Counts since the last time; the last second's counts begin anew when `event` is "second". */
  take(event: Second['event'], inFlight: number): Second {
    const second: Second = {
      event,
      at: Date.now(),
      sent: this.#total.sent - this.#before.sent,
      answered: this.#total.answered - this.#before.answered,
      errors: this.#total.errors - this.#before.errors,
      lost: this.#total.lost - this.#before.lost,
      byVersion: Object.fromEntries(
        [...this.#byVersion].map(([version, counted]) => [version, summary(counted)]),
      ),
      control: { ...this.#control },
      inFlight,
      worstDelayMs: Math.round(this.#worstDelayMs * 10) / 10,
      total: { ...this.#total },
    }
    if (event === 'second') {
      this.#before = { ...this.#total }
      this.#byVersion.clear()
    }
    return second
  }

  #counting(version: string): Counting {
    const known = this.#byVersion.get(version)
    if (known !== undefined) return known
    const fresh = { requests: 0, errors: 0, latencies: [] }
    this.#byVersion.set(version, fresh)
    return fresh
  }
}

function summary({ requests, errors, latencies }: Counting): VersionCount {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number) => {
    const latency = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
    return latency === undefined ? null : Math.round(latency * 10) / 10
  }
  return { requests, errors, p50: at(0.5), p95: at(0.95) }
}
