/** Deeper than any answer of an API that counts. */
const DEEPEST = 100

/** Lists and maps in one answer. As many as 16 MiB of samples hold, which are lists of a time and a value. */
const MOST_NESTED = 700_000

/** A text that would keep a step from everything else for seconds if it were read as JSON. */
export class TooNested extends Error {}

/**
 * Reads JSON, unless there is so much in each other in it that reading would take seconds, in which no signal is heard:
 * its length alone does not tell, 16 MiB of `[` take as long as a hundred times as many numbers.
 * @throws TooNested; SyntaxError if it is no JSON
 */
export function boundedJson(text: string): unknown {
  refuseTooNested(text)
  return JSON.parse(text) as unknown
}

const [QUOTE, BACKSLASH, LIST, END_OF_LIST, MAP, END_OF_MAP] = [...'"\\[]{}'].map((sign) =>
  sign.charCodeAt(0),
)

/** Looks at each sign once. */
function refuseTooNested(text: string): void {
  let depth = 0
  let nested = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === QUOTE) quoted = !quoted
    else if (quoted) at += sign === BACKSLASH ? 1 : 0
    else if (sign === LIST || sign === MAP) {
      depth++
      nested++
      if (depth > DEEPEST) throw new TooNested(`lists and maps more than ${DEEPEST} deep in each other`)
      if (nested > MOST_NESTED) throw new TooNested(`more than ${MOST_NESTED} lists and maps`)
    } else if (sign === END_OF_LIST || sign === END_OF_MAP) depth--
  }
}
