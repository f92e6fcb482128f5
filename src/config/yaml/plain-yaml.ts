import { plainScalar, quotedScalar, unsure, Unsure } from './plain-scalar.js'
import { flowValue } from './plain-flow.js'

/*
 * The part of YAML that configuration is written in: maps and lists by indentation, or in brackets on one line, with
 * text, numbers, true, false and null in them. It reads a file in a fraction of the time that it takes to load and run
 * a whole YAML parser, for which the start of a step is too short. Whatever it is not sure of, it leaves to that
 * parser: it never reports a fault, and what it returns is what the parser would have returned.
 */

/** Printable ASCII and letters of other scripts, without the rare line breaks; nothing that begins a document or a directive. */
const COMMON = /^(?:[\n\x20-\x7e\u00a1-\u1fff\u2030-\ud7ff])*$/
const DOCUMENT_MARK = /^(?:---|\.\.\.|%)/m
const LONGEST_LINE = 1_000
const DEEPEST = 30

/** `key:`, `key: value` or the same with the key in quotes. */
const ENTRY = /^(?:([A-Za-z_$][\w$./-]*)|("[^"\\]*"|'[^']*')):(?: +(.*))?$/
const ITEM = /^-(?:( +)(.*))?$/

interface Line {
  readonly indent: number
  /** Without indentation and trailing spaces. */
  readonly text: string
}

/** The value of a text, or undefined if the whole parser is to be asked. */
export function readPlainYaml(text: string): { readonly value: unknown } | undefined {
  if (!COMMON.test(text) || DOCUMENT_MARK.test(text)) return undefined
  try {
    return { value: new BlockReader(linesOf(text)).document() }
  } catch (thrown) {
    if (thrown instanceof Unsure) return undefined
    throw thrown
  }
}

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  for (const raw of text.split('\n')) {
    const trimmed = raw.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    if (raw.length > LONGEST_LINE) unsure()
    lines.push({ indent: raw.length - raw.trimStart().length, text: trimmed })
  }
  return lines
}

/** Reads blocks by indentation, one line after the other. */
class BlockReader {
  readonly #lines: Line[]
  #next = 0

  constructor(lines: Line[]) {
    this.#lines = lines
  }

  document(): unknown {
    const first = this.#lines[0]
    if (first === undefined || first.indent !== 0) unsure()
    const value = this.#block(0, 0)
    if (this.#next < this.#lines.length) unsure()
    return value
  }

  #block(indent: number, depth: number): unknown {
    if (depth > DEEPEST) unsure()
    const line = this.#lines[this.#next]
    if (line !== undefined && ITEM.test(line.text)) return this.#list(indent, depth)
    return this.#map(indent, depth)
  }

  #map(indent: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (let line = this.#at(indent); line !== undefined; line = this.#at(indent)) {
      const [whole, plainKey, quotedKey, rest = ''] = ENTRY.exec(line.text) ?? []
      if (whole === undefined) unsure()
      const key = plainKey ?? quotedScalar(quotedKey ?? '')
      if (Object.hasOwn(map, key) || key === '__proto__') unsure()
      this.#next += 1
      map[key] = this.#value(rest, indent, depth, true)
    }
    return map
  }

  #list(indent: number, depth: number): unknown[] {
    const list: unknown[] = []
    for (let line = this.#at(indent); line !== undefined; line = this.#at(indent)) {
      const [whole, gap = '', rest = ''] = ITEM.exec(line.text) ?? []
      // A key at the indentation of a list that stands below a key at the same one: the map goes on.
      if (whole === undefined) break
      if (ENTRY.test(rest) || ITEM.test(rest)) {
        // A map or a list that begins behind the dash: its lines stand below this one's text.
        const inner = indent + 1 + gap.length
        this.#lines[this.#next] = { indent: inner, text: rest }
        list.push(this.#block(inner, depth + 1))
      } else {
        this.#next += 1
        list.push(this.#value(rest, indent, depth, false))
      }
    }
    return list
  }

  /** What stands behind a key or a dash, or in the lines below it. */
  #value(rest: string, indent: number, depth: number, ofKey: boolean): unknown {
    const next = this.#lines[this.#next]
    const deeper = next !== undefined && next.indent > indent
    if (rest !== '' && !rest.startsWith('#')) {
      // Text that goes on in the next line.
      if (deeper) unsure()
      return inlineValue(rest)
    }
    if (deeper) return this.#block(next.indent, depth + 1)
    const listBelow = ofKey && next !== undefined && next.indent === indent && ITEM.test(next.text)
    return listBelow ? this.#list(indent, depth + 1) : null
  }

  /** The next line if it belongs to a block of this indentation; undefined at the end of the block. */
  #at(indent: number): Line | undefined {
    const line = this.#lines[this.#next]
    if (line === undefined || line.indent < indent) return undefined
    if (line.indent > indent) unsure()
    return line
  }
}

/** A value that ends with its line. */
function inlineValue(text: string): unknown {
  const first = text[0]
  if (first === '[' || first === '{') return flowValue(text)
  if (first === '"' || first === "'") {
    const end = text.indexOf(first, 1)
    const quoted = text.slice(0, end + 1)
    if (end < 0 || !/^(?: +#.*| *)$/.test(text.slice(end + 1))) unsure()
    return quotedScalar(quoted)
  }
  const comment = text.search(/ +#/)
  return plainScalar(comment < 0 ? text : text.slice(0, comment))
}
