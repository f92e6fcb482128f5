import type { Preset } from '../../metrics/presets/preset.js'
import { presetOf } from '../../metrics/presets/presets.js'
import type { MetricRule } from '../../rollout/ports/judge.js'
import type { MetricEntry } from '../judging/metric-schema.js'
import type { KeyPath, Problem } from '../problem.js'
import { CLOUDWATCH_PRESETS } from './cloudwatch-schema.js'
import type { KnownSource } from './known-sources.js'
import { PROMETHEUS_PRESETS } from './prometheus-schema.js'
import { KEYS_OF_SOURCE, type KeysOfKind } from './query-keys.js'
import { QUERY_KEYS } from './query-schema.js'

/** A metric of which everything is known but what it asks. */
export interface CountedMetric {
  readonly entry: MetricEntry
  readonly name: string
  readonly kind: MetricRule['kind']
  readonly at: KeyPath
}

export type Queries = Readonly<Record<string, unknown>>

/** What Prometheus is asked where nobody says: of the local router, if its metrics can be scraped. */
export type UsualPreset = 'tuesday' | undefined

/** What a metric asks, or all that is wrong with it. */
export type AskedOrWrong =
  | { readonly queries: Queries; readonly problems?: undefined }
  | { readonly queries?: undefined; readonly problems: readonly Problem[] }

/**
 * What a metric asks its source, from a preset and from what it says itself.
 * @param usual the preset where neither source nor metric says anything
 */
export function queriesOf(metric: CountedMetric, source: KnownSource, usual: UsualPreset): AskedOrWrong {
  const keys = KEYS_OF_SOURCE[source.kind][metric.kind]
  if (keys === undefined) return { problems: [cannotCount(metric, source)] }
  const given = QUERY_KEYS.filter((key) => metric.entry[key] !== undefined)
  const strangers = given.filter((key) => ![...keys.needs, ...keys.may].includes(key))
  if (strangers.length > 0) {
    const message = strangerMessage(metric, source, keys)
    return { problems: strangers.map((key) => ({ path: [...metric.at, key], mark: 'key', message })) }
  }
  const own = Object.fromEntries(given.map((key) => [key, metric.entry[key]]))
  const preset = presetIn(source, given.length === 0 ? usual : undefined)
  const queries = { ...presetQueries(metric, preset, own), ...own }
  const missing = keys.needs.filter((key) => !Object.hasOwn(queries, key))
  if (missing.length === 0) return { queries }
  if (given.length === 0) return { problems: [nothingAsked(metric, source, keys)] }
  const message = `is missing; ${source.kind} counts a ${metric.kind} by ${keys.needs.join(' and ')}`
  return { problems: missing.map((key) => ({ path: [...metric.at, key], mark: 'key', message })) }
}

/** The preset that a source names, filled in as far as the source itself says. */
export function presetIn({ entry }: KnownSource, usual?: UsualPreset): Preset | undefined {
  const { prometheus, cloudwatch } = entry
  const name = prometheus?.preset ?? cloudwatch?.preset ?? (prometheus === undefined ? undefined : usual)
  if (name === undefined) return undefined
  const hasNamespace = prometheus?.values?.['namespace'] !== undefined
  return presetOf(name, prometheus?.['pod-label'] ?? 'pod', hasNamespace)
}

function presetQueries({ kind }: CountedMetric, preset: Preset | undefined, own: Queries): Queries {
  if (preset === undefined || (kind !== 'share' && kind !== 'latency')) return {}
  const { unit, ...queries } = preset[kind]
  // The unit is that of the preset's own buckets.
  const isOwn = own['buckets'] !== undefined || own['duration'] !== undefined
  return unit === undefined || isOwn ? queries : { ...queries, unit }
}

function cannotCount({ name, kind, at, entry }: CountedMetric, source: KnownSource): Problem {
  const kinds = Object.keys(KEYS_OF_SOURCE[source.kind])
  const allowed = kinds.length === 1 ? kinds[0] : `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`
  const path = entry.kind === undefined ? at : [...at, 'kind']
  return {
    path,
    mark: 'value',
    message: `${name} is a ${kind}, which ${source.kind} cannot count; allowed: ${allowed}`,
  }
}

function strangerMessage({ kind }: CountedMetric, source: KnownSource, keys: KeysOfKind): string {
  const allowed = [...keys.needs, ...keys.may]
  return allowed.length === 0
    ? `is no key for ${source.kind}, which counts without being asked; leave it out, or name another source`
    : `is no key of a ${kind} from ${source.kind}; allowed: ${allowed.join(', ')}`
}

const PRESETS: Partial<Record<KnownSource['kind'], readonly string[]>> = {
  prometheus: PROMETHEUS_PRESETS,
  cloudwatch: CLOUDWATCH_PRESETS,
}

function nothingAsked({ name, kind, at }: CountedMetric, source: KnownSource, keys: KeysOfKind): Problem {
  const own = `${name} does not say what ${source.kind} is asked; allowed: ${keys.needs.join(' and ')}`
  const presets = kind === 'share' || kind === 'latency' ? PRESETS[source.kind] : undefined
  const message = presets === undefined ? own : `${own}, or in ${source.name} a preset: ${presets.join(', ')}`
  return { path: at, mark: 'value', message }
}
