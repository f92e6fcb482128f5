import { UserError } from '../../rollout/user-error.js'
import { harmless } from '../../smoke/harmless-text.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { asPattern, fillEach, type Filling } from '../counting/fill-query.js'
import { placeAfter } from '../counting/place-in-query.js'
import { PROMQL } from './place-in-promql.js'

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
  return fillEach(query, { ...values, ...inserted }, (filling) =>
    Object.hasOwn(inserted, filling.name) ? filling.value : written(filling),
  )
}

function written(filling: Filling): string {
  const { name, before, query, value, pattern } = filling
  const place = placeAfter(before, PROMQL)
  if (place.kind === 'comment') return ''
  if (place.kind !== 'quoted') {
    throw new UserError(`{{${name}}} stands outside of quotes in ${harmless(query)}`, {
      hint: `Write it as the value of a label: {${name}="{{${name}}}"}.`,
    })
  }
  const isRegex = /(?:=~|!~)\s*$/.test(place.before)
  if (pattern && !isRegex) {
    throw new UserError(`{{${name}}} is a pattern and does not stand behind =~ in ${harmless(query)}`, {
      hint: `Write =~"{{${name}}}" instead of ="{{${name}}}".`,
    })
  }
  return inString(isRegex ? asPattern(filling) : value, place.quote, name)
}

function inString(text: string, quote: string, name: string): string {
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
