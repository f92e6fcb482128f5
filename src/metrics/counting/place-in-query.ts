/** What of a query language tells text from grammar. */
export interface Lexicon {
  /** Marks around texts and names: `'"`. Inside, a backslash takes the next sign as it is. */
  readonly quotes: string
  /** Those among them inside of which a backslash is a sign like any other. */
  readonly raw?: string
  /** How comments begin and end. */
  readonly comments: readonly (readonly [begin: string, end: string])[]
  /** Whether `/…/` behind `=~` or `!~` is a regular expression. */
  readonly regexes: boolean
}

/** Where in a query something stands, judged by what stands before it. */
export type PlaceInQuery =
  | { readonly kind: 'grammar' | 'comment' | 'regex' }
  /** `before` is what stands before the quote. */
  | { readonly kind: 'quoted'; readonly quote: string; readonly before: string }

export function placeAfter(before: string, lexicon: Lexicon): PlaceInQuery {
  let at = 0
  while (at < before.length) {
    const sign = before.charAt(at)
    const comment = lexicon.comments.find(([begin]) => before.startsWith(begin, at))
    if (lexicon.regexes && sign === '/' && /[=!]~\s*$/.test(before.slice(0, at))) {
      const end = endOf(before, at, '/')
      if (end === undefined) return { kind: 'regex' }
      at = end
    } else if (comment !== undefined) {
      const [begin, close] = comment
      const end = before.indexOf(close, at + begin.length)
      if (end < 0) return { kind: 'comment' }
      at = end + close.length
    } else if (lexicon.quotes.includes(sign)) {
      const end = endOf(before, at, sign, lexicon.raw?.includes(sign))
      if (end === undefined) return { kind: 'quoted', quote: sign, before: before.slice(0, at) }
      at = end
    } else at++
  }
  return { kind: 'grammar' }
}

/** Behind the mark that ends what began at `start`; undefined if none does. */
function endOf(text: string, start: number, mark: string, raw = false): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\' && !raw) at++
    else if (text[at] === mark) return at + 1
  }
  return undefined
}
