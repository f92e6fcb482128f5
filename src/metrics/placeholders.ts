import type { Selector } from '../rollout/ports/platform.js'
import { UserError } from '../rollout/user-error.js'
import { harmless } from '../smoke/harmless-text.js'

/** Where in a query a value is put. */
export interface Spot {
  /** Name of the placeholder: `slot` for `{{slot}}`. */
  readonly name: string
  /** The query as it was written, up to the placeholder: tells whether it stands in quotes. */
  readonly before: string
}

/** Makes a value harmless at a spot of the vendor's query language. What it gives is put in as it is. */
export type Escape = (value: string, spot: Spot) => string

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g

/** The names of the placeholders in a query, each once: `slot` for `{{slot}}`. */
export function placeholdersIn(query: string): readonly string[] {
  return [...new Set([...query.matchAll(PLACEHOLDER)].map(([, inner = '']) => inner.trim()))]
}

/**
 * A query with its `{{placeholders}}` filled in from a selector: `{{slot}}` becomes the value of `slot`. Values are
 * never looked at again, so a value with braces in it stays one.
 * @throws UserError for a placeholder that the selector has no value for; it names those that there are
 */
export function fillPlaceholders(query: string, values: Selector, escape: Escape): string {
  return query.replace(PLACEHOLDER, (placeholder, inner: string, at: number) => {
    const name = inner.trim()
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) throw unknownPlaceholder(placeholder, query, values)
    return escape(value, { name, before: query.slice(0, at) })
  })
}

function unknownPlaceholder(placeholder: string, query: string, values: Selector): UserError {
  const known = Object.keys(values).map((name) => `{{${name}}}`)
  return new UserError(
    `${placeholder} in the query ${harmless(query)} is unknown; known: ${known.join(', ') || 'none'}`,
    {
      hint: 'Platform and router say what tells their slots apart: correct the name, or write the value itself.',
    },
  )
}
