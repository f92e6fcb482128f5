/** Where in a PromQL text something stands, judged by what stands before it. */
export type PlaceInPromql =
  | { readonly kind: 'outside' }
  | { readonly kind: 'comment' }
  /** Inside of a string: which quote began it, and whether it is matched as a regular expression. */
  | { readonly kind: 'string'; readonly quote: Quote; readonly regex: boolean }

export type Quote = '"' | "'" | '`'

/** https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals; a comment goes from # to the end of the line. */
export function placeAfter(before: string): PlaceInPromql {
  let at = 0
  while (at < before.length) {
    const sign = before[at]
    if (sign === '#') {
      const end = before.indexOf('\n', at)
      if (end < 0) return { kind: 'comment' }
      at = end + 1
    } else if (sign === '"' || sign === "'" || sign === '`') {
      const end = endOfString(before, at, sign)
      if (end === undefined) {
        return { kind: 'string', quote: sign, regex: /(?:=~|!~)\s*$/.test(before.slice(0, at)) }
      }
      at = end
    } else at++
  }
  return { kind: 'outside' }
}

/** Behind the quote that ends a string; undefined if none does. */
function endOfString(text: string, start: number, quote: Quote): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote !== '`') at++
    else if (text[at] === quote) return at + 1
  }
  return undefined
}

/** A text without its strings and comments: what is left is the grammar. */
export function withoutStrings(query: string): string {
  return query.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*/gs, (part) =>
    part.startsWith('#') ? '' : '""',
  )
}
