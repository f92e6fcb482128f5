import { growthOf, type Growth } from './growth.js'
import { durationText } from './duration-text.js'
import type { QueryApi } from './query-api.js'
import { seriesIn, valuesIn, type Asked } from './read-series.js'
import { scrapeIntervalOf } from './scrape-interval.js'
import { identityWithoutName, type Series } from './series.js'
import { ASSUMED_INTERVAL_MS } from './settings.js'

/** Before a window so many scrape intervals are read, for the value that its growth starts from. */
const INTERVALS_BEFORE = 3

/** As long as the scrape interval is not known, in milliseconds. */
const FIRST_LOOK_BACK_MS = 300_000

/** Who was scraped in this time before the rollout is not new, however long it was not scraped since, in milliseconds. */
const BEFORE_ROLLOUT_MS = 3_600_000

export interface CountedSeries {
  /** Raw, and reaching somewhat further back than the cuts. */
  readonly samples: readonly Series[]
  /** Of each of them. */
  readonly growth: readonly Growth[]
}

/**
 * Counters from their raw samples: an instant query with a range selector. `rate()` and `increase()` guess at the edges of a
 * window and lose the first sample of a new series, and a canary's series are new.
 */
export class Counters {
  readonly #api: QueryApi
  readonly #configuredMs: number | undefined
  #foundMs: number | undefined

  constructor(api: QueryApi, scrapeIntervalMs: number | undefined) {
    this.#api = api
    this.#configuredMs = scrapeIntervalMs
  }

  /** How often targets are scraped, in milliseconds: as configured, as found, or as assumed until then. */
  get intervalMs(): number {
    return this.#configuredMs ?? this.#foundMs ?? ASSUMED_INTERVAL_MS
  }

  /**
   * What each series of a selector grew by between cuts of time (milliseconds since 1970, oldest first), and the samples themselves.
   * @param bornSinceMs series without a sample before, and with their first after this, are counted from 0; none if not given
   * @param alsoBeforeMs so much more before the first cut is read at least
   */
  async counted(
    asked: Asked,
    cutsMs: readonly number[],
    bornSinceMs: number | undefined,
    alsoBeforeMs = 0,
  ): Promise<CountedSeries> {
    const [fromMs = 0, toMs = 0] = [cutsMs[0], cutsMs.at(-1)]
    const samples = await this.#samples(asked, fromMs, toMs, alsoBeforeMs)
    const bases = await this.#bases(asked, samples, fromMs, bornSinceMs)
    return { samples, growth: samples.map((one) => growthOf(one, cutsMs, bases(one))) }
  }

  async #samples(
    asked: Asked,
    fromMs: number,
    toMs: number,
    alsoBeforeMs: number,
  ): Promise<readonly Series[]> {
    const known = this.#configuredMs ?? this.#foundMs
    const backMs = Math.max(alsoBeforeMs, known === undefined ? FIRST_LOOK_BACK_MS : known * INTERVALS_BEFORE)
    const query = `${asked.query}[${durationText(toMs - fromMs + backMs)}]`
    const result = await this.#api.instant(asked.what, query, toMs)
    const series = seriesIn(this.#api, asked, result).filter(({ timesMs }) => timesMs.length > 0)
    this.#foundMs ??= scrapeIntervalOf(series)
    return series
  }

  /** What series stood at that have no sample right before the window: long ago, or 0 for those that are new. */
  async #bases(
    asked: Asked,
    series: readonly Series[],
    fromMs: number,
    bornSinceMs: number | undefined,
  ): Promise<(one: Series) => number | undefined> {
    const baseless = series.some(({ timesMs: [first = 0] }) => first > fromMs)
    if (!baseless || bornSinceMs === undefined) return () => undefined
    const backMs = Math.max(0, fromMs - bornSinceMs) + BEFORE_ROLLOUT_MS
    const query = `last_over_time(${asked.query}[${durationText(backMs)}])`
    const known = valuesIn(this.#api, asked, await this.#api.instant(asked.what, query, fromMs))
    const lastByIdentity = new Map(known.map(({ labels, value }) => [identityWithoutName(labels), value]))
    return ({ labels, timesMs: [first = 0] }) =>
      lastByIdentity.get(identityWithoutName(labels)) ?? (first > bornSinceMs ? 0 : undefined)
  }
}
