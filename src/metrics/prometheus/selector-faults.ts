import { placeAfter } from '../counting/place-in-query.js'
import { PROMQL, withoutStrings } from './place-in-promql.js'

/** What is wrong with a query as it is written, and what to write instead. */
export interface QueryFault {
  /** Read behind the name of the key: `calls rate(…), which is more than a selector`. */
  readonly what: string
  readonly allowed: string
}

const SELECTOR = /^[A-Za-z_:][\w:.]*\s*(?:\{[^{}]*\})?$|^\{[^{}]+\}$/
const ALONE = 'name{label="value"} alone, for the counts are taken from the raw samples'

/**
 * Why a text is no selector of counters. Raw samples are asked for, so that nothing may be around it: `rate()` guesses, and loses
 * what is new. Placeholders and variables may be in it or filled in.
 */
export function selectorFault(query: string): QueryFault | undefined {
  const outside = placeholderOutside(query)
  if (outside !== undefined) return outside
  const bare = withoutStrings(query).trim()
  const grammar = bare.replaceAll('""', '')
  if (/["'`]/.test(grammar)) {
    return { what: 'has a quote that is not closed', allowed: 'name{label="value"}' }
  }
  if (/\$\{[^{}]*\}/.test(bare) || SELECTOR.test(bare)) return unquotedValue(bare)
  const [, called] = /^([A-Za-z_]\w*)\s*(?:(?:by|without)\s*\([^)]*\)\s*)?\(/.exec(bare) ?? []
  if (called !== undefined) {
    return { what: `calls ${called}(…), which is more than a selector`, allowed: ALONE }
  }
  if (/\[[^\]]*\]$/.test(bare)) {
    const range = /\[[^\]]*\]$/.exec(bare)?.[0] ?? ''
    return { what: `looks back by ${range}, which is more than a selector`, allowed: ALONE }
  }
  const [opened, closed] = [grammar.split('{').length, grammar.split('}').length]
  if (opened !== closed) {
    const brace = opened > closed ? '}' : '{'
    return { what: `lacks a brace ${brace}`, allowed: 'name{label="value"}' }
  }
  return unquotedValue(bare) ?? { what: 'is more than a selector', allowed: ALONE }
}

/** The series of a histogram's buckets end in `_bucket`; recording rules, which have colons, are called as one likes. */
export function bucketsFault(query: string): QueryFault | undefined {
  const [, name] = /^([A-Za-z_][\w.]*)\s*(?:\{|$)/.exec(withoutStrings(query).trim()) ?? []
  if (name === undefined || name.endsWith('bucket')) return undefined
  const histogram = name.replace(/_(?:sum|count|total)$/, '')
  return { what: `asks for ${name}, which are no buckets`, allowed: `${histogram}_bucket{label="value"}` }
}

/** A placeholder becomes part of a string; `allowed` ones are put in as they are. */
export function placeholderOutside(query: string, allowed: readonly string[] = []): QueryFault | undefined {
  for (const { index, 1: inner = '' } of query.matchAll(/\{\{([^{}]*)\}\}/g)) {
    const [before, name] = [query.slice(0, index), inner.trim()]
    if (allowed.includes(name) || placeAfter(before, PROMQL).kind !== 'grammar') continue
    const [, label = name, operator = '='] = /([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*$/.exec(before) ?? []
    return { what: `has {{${name}}} outside of quotes`, allowed: `${label}${operator}"{{${name}}}"` }
  }
  return undefined
}

function unquotedValue(bare: string): QueryFault | undefined {
  const [, label, operator, value] =
    /\{(?:.*,)?\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*([^"'`~=\s,{}$][^"'`\s,{}]*)/.exec(bare) ?? []
  if (label === undefined) return undefined
  return {
    what: `has ${value} as the value of ${label} without quotes`,
    allowed: `${label}${operator}"${value}"`,
  }
}
