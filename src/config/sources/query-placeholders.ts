import { placeholdersIn } from '../../metrics/placeholders.js'
import { lacksOfWindow, WINDOW_PLACEHOLDERS } from '../../metrics/web/window-in-path.js'
import { nearest } from '../../rollout/nearest.js'
import { isMap } from '../layers.js'
import type { KeyPath, Problem } from '../problem.js'
import type { KnownSource } from './known-sources.js'
import { presetIn, type CountedMetric, type Queries } from './metric-queries.js'

/** What fills in placeholders of every query. */
export interface PlatformPlaceholders {
  /** `local` */
  readonly name: string
  /** Names of what it says of a slot: `slot`. */
  readonly fills: readonly string[]
  /** Those among them that differ between the two slots. */
  readonly apart: readonly string[]
}

/** A metric that asks its source. */
export interface Asking {
  readonly metric: CountedMetric
  readonly source: KnownSource
  readonly queries: Queries
}

/** Placeholders in queries that nobody will fill in, and what fills in none. Found now, or at the first look of a hold. */
export function placeholderProblems(asking: Asking, platform: PlatformPlaceholders): readonly Problem[] {
  const { metric, source, queries } = asking
  const usual = usuallyFilled(source, platform)
  const wrong = Object.entries(queries).flatMap(([key, query]) => {
    const filled = isFilled(source, key) ? [...usual, ...filledFor(asking, key)] : []
    return textsIn(query, [key]).flatMap(({ text, at }) => {
      const strangers = placeholdersIn(text).filter((name) => !filled.includes(name))
      return strangers.map((name): Problem =>
        isOwn(metric, key)
          ? { path: [...metric.at, ...at], mark: 'value', message: unfilled(name, filled, platform) }
          : { path: [...source.at, 'preset'], mark: 'value', message: presetUnfilled(name, platform) },
      )
    })
  })
  return [...wrong, ...openWindow(asking)]
}

/** Values by names that the platform fills in would never be used. */
export function hiddenValues({ entry, at }: KnownSource, platform: PlatformPlaceholders): readonly Problem[] {
  const names = Object.keys(entry.prometheus?.values ?? {}).filter((name) => platform.fills.includes(name))
  return names.map((name) => ({
    path: [...at, 'values', name],
    mark: 'key',
    message: `{{${name}}} is what platform ${platform.name} says of a slot; allowed: another name, such as my-${name}`,
  }))
}

/** What every query of a source may mention. */
export function usuallyFilled(source: KnownSource, platform: PlatformPlaceholders): readonly string[] {
  const { prometheus, cloudwatch } = source.entry
  const { blue = {}, green = {} } = cloudwatch?.slots ?? {}
  const roles = presetIn(source)?.roles
  return [
    'service',
    ...platform.fills,
    ...Object.keys(prometheus?.values ?? {}),
    ...Object.keys(blue).filter((name) => Object.hasOwn(green, name)),
    ...Object.keys({ ...roles?.stable, ...roles?.candidate }).map((name) => name.replace(/~$/, '')),
  ]
}

/** Whether the metric says it itself, and no preset does. */
export function isOwn({ entry }: CountedMetric, key: string): boolean {
  return entry[key as keyof typeof entry] !== undefined
}

/** What a source fills in itself. */
export function filledFor({ metric, source }: Asking, key: string): readonly string[] {
  if (source.kind === 'prometheus' && metric.kind === 'scalar') return ['range']
  if (source.kind === 'graphite' && key === 'buckets') return ['edge']
  return source.kind === 'web' && key === 'path' ? WINDOW_PLACEHOLDERS : []
}

/** CloudWatch's names of metrics are the same for both slots; dimensions tell them apart. */
function isFilled({ kind }: KnownSource, key: string): boolean {
  return kind !== 'cloudwatch' || key === 'dimensions'
}

export function textsIn(
  value: unknown,
  at: KeyPath,
): readonly { readonly text: string; readonly at: KeyPath }[] {
  if (typeof value === 'string') return [{ text: value, at }]
  if (Array.isArray(value)) return value.flatMap((one: unknown, index) => textsIn(one, [...at, index]))
  return isMap(value) ? Object.entries(value).flatMap(([key, one]) => textsIn(one, [...at, key])) : []
}

function unfilled(name: string, filled: readonly string[], { name: platform }: PlatformPlaceholders): string {
  if (filled.length === 0)
    return `given {{${name}}}; allowed: no placeholders, for it is the same of both slots`
  const near = nearest(name, filled)
  const meant = near === undefined ? '' : `did you mean {{${near}}}? `
  const allowed = filled.map((one) => `{{${one}}}`).join(', ')
  return `given {{${name}}}, which nothing fills in on platform ${platform}; ${meant}allowed: ${allowed}`
}

function presetUnfilled(name: string, { name: platform }: PlatformPlaceholders): string {
  return `asks by {{${name}}}, which platform ${platform} does not fill in; allowed: another preset, or queries of your own`
}

function openWindow({ metric, source, queries }: Asking): readonly Problem[] {
  const path = queries['path']
  if (source.kind !== 'web' || typeof path !== 'string') return []
  const lacks = lacksOfWindow(path, metric.kind !== 'scalar')
  if (lacks === undefined) return []
  const message = `has no ${lacks}, so that it names no window; allowed: both ends, such as /stats?slot={{slot}}&from={{from}}&to={{to}}, each also as {{from-s}} or {{from-ms}}`
  return [{ path: [...metric.at, 'path'], mark: 'value', message }]
}
