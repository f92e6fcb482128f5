import { plainScalar, quotedScalar, unsure } from './plain-scalar.js'

const DEEPEST = 20

/** Text up to what ends it inside brackets. */
const WORD = /[^,[\]{}"'#]+/y
const QUOTED = /"[^"\\]*"|'[^']*'/y
const KEY = /(?:([A-Za-z_$][\w$./-]*)|("[^"\\]*"|'[^']*')):(?= )/y
const SPACES = / */y

/** Reads a list or a map in brackets that ends with its line: `{ weight: 5, hold: 5m }`. */
export function flowValue(text: string): unknown {
  const reader = new FlowReader(text)
  const value = reader.value(0)
  if (!/^(?: +#.*| *)$/.test(text.slice(reader.at))) unsure()
  return value
}

class FlowReader {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): unknown {
    if (depth > DEEPEST) unsure()
    const first = this.#text[this.at]
    if (first === '[') return this.#list(depth)
    if (first === '{') return this.#map(depth)
    if (first === '"' || first === "'") {
      const [quoted = ''] = this.#match(QUOTED)
      // `"a": b` would be a map of its own.
      if (!/^ *[,\]}]/.test(this.#text.slice(this.at))) unsure()
      return quotedScalar(quoted)
    }
    const [word = ''] = this.#match(WORD)
    // `[a{]` and `['a'b]` go on where a word may not.
    if (!/^[,\]}]/.test(this.#text.slice(this.at)) || /:$/.test(word.trimEnd())) unsure()
    return plainScalar(word.trimEnd())
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = []
    while (this.#goesOn(']', list.length > 0)) list.push(this.value(depth + 1))
    return list
  }

  #map(depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    let count = 0
    while (this.#goesOn('}', count > 0)) {
      const [, plainKey, quotedKey] = this.#match(KEY)
      const key = plainKey ?? quotedScalar(quotedKey ?? '')
      if (Object.hasOwn(map, key) || key === '__proto__') unsure()
      this.#match(SPACES)
      map[key] = this.value(depth + 1)
      count += 1
    }
    return map
  }

  /** Steps to the next item, or over the closing bracket. */
  #goesOn(closing: string, hasItems: boolean): boolean {
    if (!hasItems) this.at += 1
    this.#match(SPACES)
    const next = this.#text[this.at]
    if (next === closing) {
      this.at += 1
      return false
    }
    if (hasItems) {
      if (next !== ',') unsure()
      this.at += 1
      this.#match(SPACES)
      // A comma before the bracket is allowed by YAML, and rare.
      if (this.#text[this.at] === closing) unsure()
    }
    return true
  }

  #match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.#text)
    if (match === null) unsure()
    this.at = pattern.lastIndex
    return match
  }
}
