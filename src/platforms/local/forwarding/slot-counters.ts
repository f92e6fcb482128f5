import type { Place } from '../../../rollout/place.js'
import { AnswerSeries, AnswerSums, SERIES_SECONDS } from './answer-series.js'
import type { CountsQuery, SlotCounts } from './forwarder.js'
import { LATENCY_EDGES_MS } from './latency-edges.js'

/**
 * How a request came: by the public port, there with the tester's header, or by the place's own port (smoke tests). Testers
 * try odd things, and they choose their release: no judge looks at any but the public ones.
 */
export type Entry = 'public' | 'tester' | 'slot'

export interface LabelledSeries {
  readonly place: Place
  readonly version: string
  readonly entry: Entry
  readonly series: AnswerSeries
}

/** What every place did, told apart by version and entry. */
export class SlotCounters {
  private readonly startedMs = Date.now()
  private readonly all = new Map<string, LabelledSeries>()
  private readonly turnedAway = new Map<Place, number>()
  private readonly again = new Map<Place, number>()
  private readonly lastVersion = new Map<Place, string>()
  /** Requests that came while nothing was live. */
  unrouted = 0

  /** The series to record in. Without a version (no replica answered) it is the last one seen in that place. */
  series(place: Place, version: string | undefined, entry: Entry): AnswerSeries {
    const label = version ?? this.lastVersion.get(place) ?? ''
    const key = `${place} ${entry} ${label}`
    const known = this.all.get(key)
    if (known !== undefined) return known.series
    this.forgetOld()
    if (version !== undefined) this.lastVersion.set(place, version)
    const series = new AnswerSeries()
    this.all.set(key, { place, version: label, entry, series })
    return series
  }

  /** A version that answered nothing for half an hour leaves, so that a long life does not fill the memory. */
  private forgetOld(): void {
    const since = Date.now() - SERIES_SECONDS * 1_000
    for (const [key, { place, version, series }] of this.all) {
      if (series.lastAnswerMs < since && this.lastVersion.get(place) !== version) this.all.delete(key)
    }
  }

  /** A request that belonged to this place went elsewhere, since nothing here could take it. */
  countFailover(place: Place): void {
    this.turnedAway.set(place, this.failovers(place) + 1)
  }

  failovers(place: Place): number {
    return this.turnedAway.get(place) ?? 0
  }

  /** A request was sent once more, after a replica of this place had not taken it. */
  countRetry(place: Place): void {
    this.again.set(place, this.retries(place) + 1)
  }

  retries(place: Place): number {
    return this.again.get(place) ?? 0
  }

  counts(query: CountsQuery): SlotCounts {
    const sums = new AnswerSums()
    for (const { place, version, entry, series } of this.all.values()) {
      if (place !== query.slot || entry !== 'public') continue
      if (query.version !== undefined && query.version !== version) continue
      series.addWindow(sums, query.fromMs, query.toMs)
    }
    return {
      requests: sums.requests,
      errors: sums.errors,
      classes: {
        '1xx': sums.ofClass(1),
        '2xx': sums.ofClass(2),
        '3xx': sums.ofClass(3),
        '4xx': sums.ofClass(4),
        '5xx': sums.ofClass(5),
      },
      latency: { kind: 'latency', edgesMs: LATENCY_EDGES_MS, counts: sums.latency },
      knownSinceMs: Math.max(this.startedMs, Date.now() - SERIES_SECONDS * 1_000),
    }
  }

  get labelled(): readonly LabelledSeries[] {
    return [...this.all.values()]
  }
}
