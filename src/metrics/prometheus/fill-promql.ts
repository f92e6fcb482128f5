import { UserError } from '../../rollout/user-error.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { fillPlaceholders } from '../placeholders.js'
import { placeAfter, type Quote } from './place-in-promql.js'

/**
 * PromQL with its placeholders filled in. A value becomes part of the string that its placeholder stands in and nothing else:
 * quotes and backslashes in it are escaped, and so are signs of regular expressions behind `=~` and `!~`. A key of the selector
 * that ends in `~` says that its value is a pattern: `pods~` fills `{{pods}}`, keeps its signs, and is refused elsewhere.
 * `inserted` values are our own text, put in as they are: `{{range}}`.
 * @throws UserError for placeholders that are unknown or stand outside of strings
 */
export function fillPromql(
  query: string,
  values: Selector,
  inserted: Readonly<Record<string, string>> = {},
): string {
  const patterns = new Set(
    Object.keys(values)
      .filter((key) => key.endsWith('~'))
      .map((key) => key.slice(0, -1)),
  )
  const byName = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key.replace(/~$/, ''), value]),
  )
  return fillPlaceholders(query, { ...byName, ...inserted }, (value, { name, before }) => {
    if (Object.hasOwn(inserted, name)) return value
    const place = placeAfter(before)
    if (place.kind === 'comment') return ''
    if (place.kind === 'outside') {
      throw new UserError(`{{${name}}} stands outside of quotes in ${JSON.stringify(query)}`, {
        hint: `Write it as the value of a label: {${name}="{{${name}}}"}.`,
      })
    }
    if (!patterns.has(name)) return inString(place.regex ? literal(value) : value, place.quote, name)
    if (place.regex) return inString(`(?:${value})`, place.quote, name)
    throw new UserError(`{{${name}}} is a pattern and does not stand behind =~ in ${JSON.stringify(query)}`, {
      hint: `Write =~"{{${name}}}" instead of ="{{${name}}}".`,
    })
  })
}

/** A text as a regular expression (RE2) that matches it alone. */
function literal(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

function inString(text: string, quote: Quote, name: string): string {
  if (quote === '`') {
    if (!text.includes('`')) return text
    throw new UserError(
      `the value of {{${name}}} has a backtick in it, which a string in backticks cannot hold`,
      {
        hint: 'Write the string in double quotes.',
      },
    )
  }
  const escaped = JSON.stringify(text).slice(1, -1)
  return quote === '"' ? escaped : escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")
}
