import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml'
import type { KeyPath } from '../problem.js'
import { YAML_OPTIONS } from './yaml-limits.js'

/** Line and column, both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A YAML text with the places of its keys and values. */
export interface PlacedDocument {
  readonly document: Document.Parsed
  /** Where an offset of the text is. */
  at(offset: number): Position
  /** Where a key or its value stands; if there is none, the nearest map or list around it. */
  find(path: KeyPath, mark: 'key' | 'value'): Position
}

export function placedDocument(text: string): PlacedDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { ...YAML_OPTIONS, lineCounter: lines })
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  return { document, at, find: (path, mark) => at(offsetOf(document, path, mark)) }
}

function offsetOf(document: Document.Parsed, path: KeyPath, mark: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [index, part] of path.entries()) {
    const pair = isMap(node)
      ? node.items.find((item) => isPair(item) && keyOf(item.key) === String(part))
      : undefined
    const child: unknown = isSeq(node) && typeof part === 'number' ? node.items[part] : pair?.value
    if (pair === undefined && child === undefined) return offset
    const keyOffset = startOf(pair?.key)
    const wantsKey = mark === 'key' || index < path.length - 1
    offset = (wantsKey ? (keyOffset ?? startOf(child)) : (startOf(child) ?? keyOffset)) ?? offset
    node = child
  }
  return offset
}

function keyOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key)
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}
