import type { Lexicon } from '../counting/place-in-query.js'

/** https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals; a comment goes from # to the end of the line. */
export const PROMQL: Lexicon = { quotes: `"'\``, raw: '`', comments: [['#', '\n']], regexes: false }

/** A text without its strings and comments: what is left is the grammar. */
export function withoutStrings(query: string): string {
  return query.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*/gs, (part) =>
    part.startsWith('#') ? '' : '""',
  )
}
