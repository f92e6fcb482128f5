import type { Selector } from '../../rollout/ports/platform.js'
import { fillQuery, refuseFilling, type Filling } from '../counting/fill-query.js'
import { placeAfter, type Lexicon } from '../counting/place-in-query.js'

const GRAPHITE: Lexicon = { quotes: `'"`, comments: [], regexes: false }

/**
 * A target with its placeholders filled in. Graphite takes no sign's meaning away: neither in a path, where a dot begins a
 * new part and `*?[]{}` match several, nor in quotes, where only a quote has one. Values with such signs are refused.
 */
export function fillGraphite(target: string, values: Selector): string {
  return fillQuery(target, values, (filling) => {
    const place = placeAfter(filling.before, GRAPHITE)
    if (filling.pattern) refuseFilling(filling, 'is a pattern, which Graphite does not know')
    return place.kind === 'quoted' ? inQuotes(filling) : inPath(filling)
  })
}

function inPath(filling: Filling): string {
  if (/^[\w-]+$/.test(filling.value)) return filling.value
  const hint =
    'Name the series by something with letters, digits, _ and - alone, such as {{slot}}, or use tags: seriesByTag().'
  return refuseFilling(
    filling,
    'has other signs than letters, digits, _ and - in it, which a path cannot hold',
    hint,
  )
}

/** `seriesByTag('slot={{slot}}')`; behind `=~` a value is a regular expression. */
function inQuotes(filling: Filling): string {
  const said = filling.before.slice(
    Math.max(filling.before.lastIndexOf("'"), filling.before.lastIndexOf('"')) + 1,
  )
  if (said.includes('=~')) return inPath(filling)
  const begins = said.includes('=')
    ? /=$/.test(said) && filling.value.startsWith('~')
    : /[=!]/.test(filling.value)
  if (begins) refuseFilling(filling, 'has a sign in it that would become an operator of seriesByTag()')
  if (/^[^'"\\;]*$/.test(filling.value)) return filling.value
  return refuseFilling(filling, 'has a quote, a backslash or a semicolon in it, which Graphite cannot hold')
}
