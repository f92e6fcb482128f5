/**
 * As much of PromQL as the double understands, from https://prometheus.io/docs/prometheus/latest/querying/basics/: one
 * selector, with a range or inside `last_over_time`. Everything else is a parse error.
 */

export type Labels = Readonly<Record<string, string>>

export interface ParsedSelector {
  matches(labels: Labels): boolean
}

export type Parsed =
  | { readonly kind: 'time' }
  | { readonly kind: 'range' | 'last'; readonly selector: ParsedSelector; readonly rangeMs: number }

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export class ParseError extends Error {}

export function parse(query: string): Parsed {
  if (query === 'time()') return { kind: 'time' }
  const inner = /^last_over_time\((.*)\)$/s.exec(query)?.[1]
  const [, text, count, unit] = /^(.*)\[(\d+)(ms|s|m|h|d)\]$/s.exec(inner ?? query) ?? []
  if (text === undefined) throw new ParseError('1:1: parse error: unexpected character inside braces')
  const rangeMs = Number(count) * (UNITS[unit ?? ''] ?? NaN)
  return { kind: inner === undefined ? 'range' : 'last', selector: parseSelector(text), rangeMs }
}

/** `name{label="value", other=~"re"}`, or the braces alone with the name as a matcher. */
function parseSelector(text: string): ParsedSelector {
  const [, name = '', braces = ''] = /^\s*([A-Za-z_:][\w:]*)?\s*(?:\{(.*)\})?\s*$/s.exec(text) ?? []
  const tests = name === '' ? [] : [(labels: Labels) => labels['__name__'] === name]
  let rest = braces.trim()
  while (rest !== '') {
    const [whole, label = '', operator = '', quoted = ''] =
      /^([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)\s*(?:,\s*|$)/s.exec(
        rest,
      ) ?? []
    if (whole === undefined) throw new ParseError('1:1: parse error: unexpected text inside braces')
    tests.push(matcher(label, operator, unquoted(quoted)))
    rest = rest.slice(whole.length)
  }
  if (tests.length === 0)
    throw new ParseError('1:1: parse error: vector selector must contain at least one matcher')
  return { matches: (labels) => tests.every((test) => test(labels)) }
}

/** Regular expressions are anchored; a label that is missing is an empty one. */
function matcher(label: string, operator: string, value: string): (labels: Labels) => boolean {
  const wanted = operator.startsWith('=')
  if (!operator.endsWith('~')) return (labels) => ((labels[label] ?? '') === value) === wanted
  const pattern = new RegExp(`^(?:${value})$`, 's')
  return (labels) => pattern.test(labels[label] ?? '') === wanted
}

/** Quotes inside of a string of the other kind may not be escaped, as in Go. */
function unquoted(text: string): string {
  const quote = text[0]
  const inner = text.slice(1, -1)
  if (quote === '`') return inner
  return inner.replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (whole, code: string) => {
    if (code.startsWith('u')) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    const plain =
      { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '\\': '\\' }[code] ?? (code === quote ? code : undefined)
    if (plain === undefined) throw new ParseError(`1:1: parse error: unknown escape sequence ${whole}`)
    return plain
  })
}
