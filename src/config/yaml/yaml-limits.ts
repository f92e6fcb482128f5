/** Files larger than this are no configuration. */
export const LARGEST_FILE_CHARACTERS = 262_144

/** Deeper than any key of the schema; also what ends a document that contains itself. */
const DEEPEST = 40
const MOST_VALUES = 50_000
export const MOST_ALIASES = 100

/** How files are read: YAML 1.2 with text as keys, each key once. */
export const YAML_OPTIONS = {
  stringKeys: true,
  uniqueKeys: true,
  prettyErrors: false,
  logLevel: 'error',
} as const

/** Keys that change what an object is instead of what it holds. */
export const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype']

/** Whether a value is a tree of ordinary size without forbidden keys. */
export function isPlain(value: unknown): boolean {
  let left = MOST_VALUES
  const visit = (node: unknown, depth: number): boolean => {
    left -= 1
    if (left < 0 || depth > DEEPEST) return false
    if (Array.isArray(node)) return node.every((item) => visit(item, depth + 1))
    if (typeof node !== 'object' || node === null) return true
    return Object.entries(node).every(
      ([key, child]) => !FORBIDDEN_KEYS.includes(key) && visit(child, depth + 1),
    )
  }
  return visit(value, 0)
}
