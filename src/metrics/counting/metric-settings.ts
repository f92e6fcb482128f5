import type { MetricQuery } from '../../rollout/ports/metric-source.js'
import { UserError } from '../../rollout/user-error.js'

/** Upper edges of latency buckets where nobody names others, in milliseconds. */
const USUAL_EDGES_MS = [
  5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000,
]

/** What a metric says to its source, read with errors that name the metric, the key, what was given and what is allowed. */
export class MetricSettings {
  readonly #metric: MetricQuery
  /** Named in messages: `datadog`. */
  readonly #source: string

  constructor(source: string, metric: MetricQuery) {
    this.#source = source
    this.#metric = metric
  }

  /** A text that must be there. @param example what is allowed, for the message */
  text(key: string, example: string): string {
    return this.optionalText(key, example) ?? this.#missing(key, example)
  }

  optionalText(key: string, example: string): string | undefined {
    const given = this.#given(key)
    if (given === undefined) return undefined
    return typeof given === 'string' && given.trim() !== '' ? given : this.refuse(key, given, example)
  }

  /** A text or a list of them; at least one. */
  texts(key: string, example: string, usual?: string): readonly string[] {
    const given = this.#given(key) ?? usual
    if (given === undefined) return this.#missing(key, example)
    const list: unknown[] = Array.isArray(given) ? given : [given]
    const texts = list.filter((one) => typeof one === 'string' && one.trim() !== '')
    return texts.length === list.length && list.length > 0
      ? (texts as string[])
      : this.refuse(key, given, example)
  }

  /** Texts by name: the dimensions of a metric. */
  textMap(key: string, example: string): Readonly<Record<string, string>> {
    const given = this.#given(key)
    if (given === undefined) return this.#missing(key, example)
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      return this.refuse(key, given, example)
    const entries = Object.entries(given).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    )
    const all = entries.length === Object.keys(given).length
    return all && entries.length > 0 ? Object.fromEntries(entries) : this.refuse(key, given, example)
  }

  /** One of the allowed words. */
  choice<Word extends string>(key: string, allowed: readonly Word[], usual: Word): Word {
    const given = this.#given(key) ?? usual
    return allowed.find((word) => word === given) ?? this.refuse(key, given, allowed.join(', '))
  }

  /** Edges of latency buckets in milliseconds, rising. */
  edgesMs(usual: readonly number[] = USUAL_EDGES_MS): readonly number[] {
    const given = this.#given('edges') ?? usual
    const example = 'durations that rise, such as [50ms, 100ms, 250ms]'
    if (!Array.isArray(given)) return this.refuse('edges', given, example)
    const edges = given.filter((edge): edge is number => typeof edge === 'number' && Number.isFinite(edge))
    const rising = edges.every((edge, index) => edge > (edges[index - 1] ?? 0))
    const sound = rising && edges.length > 0 && edges.length === given.length
    return sound ? edges : this.refuse('edges', given, example)
  }

  refuse(key: string, given: unknown, allowed: string): never {
    throw new UserError(`metric ${this.#metric.name}: ${key} is ${shown(given)}; allowed: ${allowed}`)
  }

  #missing(key: string, example: string): never {
    const { name, kind } = this.#metric
    throw new UserError(`metric ${name}: ${key} is missing, by which ${this.#source} counts a ${kind}`, {
      hint: `Set ${key}, for example ${key}: ${example}.`,
    })
  }

  #given(key: string): unknown {
    const { settings = {} } = this.#metric
    return Object.hasOwn(settings, key) ? settings[key] : undefined
  }
}

function shown(given: unknown): string {
  const text = JSON.stringify(given) ?? String(given)
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}
