import { placeholdersIn } from '../../metrics/placeholders.js'
import { bucketsFault, placeholderOutside, selectorFault } from '../../metrics/prometheus/selector-faults.js'
import { nearest } from '../../rollout/nearest.js'
import type { Problem } from '../problem.js'
import { presetIn } from './metric-queries.js'
import { filledFor, isOwn, textsIn, usuallyFilled } from './query-placeholders.js'
import type { Asking, PlatformPlaceholders } from './query-placeholders.js'
import { sidelessQueries } from './sides-of-queries.js'

/*
 * What the text of a query shows to be wrong though all its placeholders are known. A hold would find it out with traffic on the
 * candidate, or not at all.
 */

/** Queries of Prometheus that are no selectors, and placeholders in single braces. */
export function promqlProblems(
  { metric, source, queries }: Asking,
  platform: PlatformPlaceholders,
): readonly Problem[] {
  if (source.kind !== 'prometheus') return []
  const usual = usuallyFilled(source, platform)
  return Object.entries(queries).flatMap(([key, query]) => {
    if (key === 'unit' || !isOwn(metric, key)) return []
    const own = filledFor({ metric, source, queries }, key)
    return textsIn(query, [key]).flatMap(({ text, at }): readonly Problem[] => {
      const fault =
        (key === 'query' ? placeholderOutside(text, own) : selectorFault(text)) ??
        (key === 'buckets' ? bucketsFault(text) : undefined) ??
        inSingleBraces(text, [...usual, ...own])
      if (fault === undefined) return []
      const message = `${fault.what}; allowed: ${fault.allowed}`
      return [{ path: [...metric.at, ...at], mark: 'value', message }]
    })
  })
}

/** Queries that are the same of both sides. */
export function sidelessProblems(asking: Asking, platform: PlatformPlaceholders): readonly Problem[] {
  const { metric, source, queries } = asking
  if (metric.kind === 'scalar' && metric.entry.method !== 'mann-whitney') return []
  const apart = tellingApart(asking, platform)
  return sidelessQueries(source.kind, metric.kind, queries, apart).map(({ key, index, text }): Problem => {
    const allowed = apart.map((one) => `{{${one}}}`).join(' or ')
    if (!isOwn(metric, key)) {
      const names = placeholdersIn(text).map((name) => `{{${name}}}`)
      const message = `asks by ${names.join(' and ')}, which are the same of both slots; allowed: another preset, or queries of your own with ${allowed} in them`
      return { path: [...source.at, key === 'dimensions' ? 'slots' : 'preset'], mark: 'value', message }
    }
    const near = inSingleBraces(text, apart)
    const meant = near === undefined ? '' : ` did you mean ${near.allowed}?`
    const same = 'asks the same of stable and candidate, so that a release is compared with itself'
    const message = `${same};${meant} allowed: a query with ${allowed} in it`
    return { path: [...metric.at, key, ...(index === undefined ? [] : [index])], mark: 'value', message }
  })
}

/** The placeholders that have another value on each side. */
function tellingApart({ source }: Asking, platform: PlatformPlaceholders): readonly string[] {
  const { blue = {}, green = {} } = source.entry.cloudwatch?.slots ?? {}
  const roles = presetIn(source)?.roles
  return [
    ...platform.apart,
    ...Object.keys(blue).filter((name) => Object.hasOwn(green, name) && blue[name] !== green[name]),
    ...Object.keys({ ...roles?.candidate }).map((name) => name.replace(/~$/, '')),
  ]
}

function inSingleBraces(
  text: string,
  known: readonly string[],
): { what: string; allowed: string } | undefined {
  for (const [, name = ''] of text.matchAll(/(?<![{$])\{\s*([A-Za-z][\w-]*)\s*\}(?!\})/g)) {
    const meant = known.find((one) => one === name) ?? nearest(name, known)
    if (meant !== undefined)
      return { what: `has {${name}} in single braces, which is text`, allowed: `{{${meant}}}` }
  }
  return undefined
}
