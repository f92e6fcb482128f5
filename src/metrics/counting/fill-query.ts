import type { Selector } from '../../rollout/ports/platform.js'
import { UserError } from '../../rollout/user-error.js'
import { fillPlaceholders, type Spot } from '../placeholders.js'

/** A value that is put into a query. */
export interface Filling extends Spot {
  readonly value: string
  /** Whether it is a regular expression (RE2), and not a text of which every sign stands for itself. */
  readonly pattern: boolean
  /** The whole query, for messages. */
  readonly query: string
}

/** How a filling is written in the language of a query; refuses what cannot be written where it stands. */
type Written = (filling: Filling) => string

/**
 * A query with its placeholders filled in, in a language that has no way to write control characters.
 * @throws UserError for unknown placeholders, and for values that no query can hold
 */
export function fillQuery(query: string, values: Selector, written: Written): string {
  return fillEach(query, values, (filling) => {
    if (/[\u0000-\u001f\u007f]/.test(filling.value))
      refuseFilling(filling, 'has a line break or another control character in it')
    if (!filling.value.isWellFormed()) refuseFilling(filling, 'has half of a sign in it (a lone surrogate)')
    return written(filling)
  })
}

/**
 * A query with its placeholders filled in. A key of the values that ends in `~` says that its value is a pattern:
 * `pods~` fills `{{pods}}`.
 * @throws UserError for unknown placeholders
 */
export function fillEach(query: string, values: Selector, written: Written): string {
  const patterns = new Set(Object.keys(values).filter((key) => key.endsWith('~')))
  const byName = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key.replace(/~$/, ''), value]),
  )
  return fillPlaceholders(query, byName, (value, { name, before }) =>
    written({ value, name, before, query, pattern: patterns.has(`${name}~`) }),
  )
}

/** @param what why it cannot be put there: `has a quote in it` */
export function refuseFilling({ name, value, query }: Filling, what: string, hint?: string): never {
  throw new UserError(
    `the value of {{${name}}}, ${JSON.stringify(value)}, ${what}; the query is ${JSON.stringify(query)}`,
    hint === undefined ? {} : { hint },
  )
}

/** A text as a regular expression (RE2) that matches it alone. */
export function asPattern({ value, pattern }: Filling): string {
  return pattern ? `(?:${value})` : value.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}
