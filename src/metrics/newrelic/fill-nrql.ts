import type { Selector } from '../../rollout/ports/platform.js'
import { asPattern, fillQuery, refuseFilling, type Filling } from '../counting/fill-query.js'
import { placeAfter, type Lexicon } from '../counting/place-in-query.js'

/** Backticks are around names of attributes (https://docs.newrelic.com/docs/nrql/nrql-syntax-clauses-functions/). */
const NRQL: Lexicon = {
  quotes: "'`",
  comments: [
    ['--', '\n'],
    ['//', '\n'],
    ['/*', '*/'],
  ],
  regexes: false,
}

/** NRQL with its placeholders filled in: inside of quotes as part of the text, outside of them as a text of its own. */
export function fillNrql(nrql: string, values: Selector): string {
  return fillQuery(nrql, values, written)
}

function written(filling: Filling): string {
  const place = placeAfter(filling.before, NRQL)
  if (place.kind === 'comment') return ''
  if (place.kind !== 'quoted') {
    if (filling.pattern) refusePattern(filling)
    return `'${inText(filling.value)}'`
  }
  if (place.quote === '`')
    return refuseFilling(filling, 'stands in the name of an attribute, where no value belongs')
  const raw = /\br$/i.test(place.before)
  const regex = /\bRLIKE\s+r?$/i.test(place.before)
  if (filling.pattern && !regex) refusePattern(filling)
  const text = regex ? asPattern(filling) : filling.value
  if (!raw) return inText(text)
  // Nothing ends a raw text but a quote, and nothing can take its meaning away.
  if (text.includes("'"))
    refuseFilling(filling, "has a quote in it, which r'…' cannot hold", "Write '…' without the r.")
  return text
}

/** As New Relic's own clients write texts: a backslash before quotes and backslashes. */
function inText(value: string): string {
  return value.replace(/[\\']/g, '\\$&')
}

function refusePattern(filling: Filling): never {
  return refuseFilling(
    filling,
    'is a pattern and does not stand behind RLIKE',
    `Write RLIKE '{{${filling.name}}}'.`,
  )
}
