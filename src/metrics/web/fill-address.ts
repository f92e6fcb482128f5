import type { MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { placeAfter, type Lexicon } from '../counting/place-in-query.js'
import { fillQuery, refuseFilling } from '../counting/fill-query.js'

/** https://www.rfc-editor.org/rfc/rfc9535#name-name-selector */
const JSON_PATH: Lexicon = { quotes: `'"`, comments: [], regexes: false }

/** The forms of a moment in an address. */
export function windowValues({ fromMs, toMs }: MetricWindow): Selector {
  return { ...momentValues('from', fromMs), ...momentValues('to', toMs) }
}

function momentValues(name: string, ms: number): Selector {
  return {
    [name]: new Date(ms).toISOString(),
    [`${name}-s`]: String(ms / 1_000),
    [`${name}-ms`]: String(ms),
  }
}

/** Path and query with placeholders filled in: each becomes part of the name or value in which it stands, and nothing else. */
export function fillAddress(path: string, values: Selector): string {
  return fillQuery(path, values, (filling) => {
    // Dots alone are taken out of a path, with what stands before them.
    if (/^\.{1,2}$/.test(filling.value)) refuseFilling(filling, 'is no name in an address')
    return encodeURIComponent(filling.value)
  })
}

/** A JSON path with placeholders filled in, which stand in quotes: `$.slots["{{slot}}"].requests`. */
export function fillJsonPath(path: string, values: Selector): string {
  return fillQuery(path, values, (filling) => {
    const place = placeAfter(filling.before, JSON_PATH)
    if (place.kind !== 'quoted') {
      return refuseFilling(filling, 'stands outside of quotes', `Write ["{{${filling.name}}}"].`)
    }
    const escaped = JSON.stringify(filling.value).slice(1, -1)
    return place.quote === '"' ? escaped : escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")
  })
}
