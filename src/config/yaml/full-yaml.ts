import { parseDocument } from 'yaml'
import { MOST_ALIASES, YAML_OPTIONS } from './yaml-limits.js'

/** The value of any YAML text, or undefined if there is a fault in it. */
export function readFullYaml(text: string): { readonly value: unknown } | undefined {
  try {
    const document = parseDocument(text, YAML_OPTIONS)
    if (document.errors.length > 0 || document.warnings.length > 0) return undefined
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES })
    return { value }
  } catch {
    // Too many aliases, or nesting deeper than the stack: `explain` reads it again and says so.
    return undefined
  }
}
