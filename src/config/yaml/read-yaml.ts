import { readPlainYaml } from './plain-yaml.js'
import { isPlain, LARGEST_FILE_CHARACTERS } from './yaml-limits.js'

/**
 * The plain value of a YAML text, or undefined if it is not to be trusted: syntax errors, unknown tags, aliases that
 * multiply, a document that contains itself, keys that reach into prototypes. Why is told by `explain`. The whole
 * parser is loaded only for files that need it: it takes longer to load than the rest of the configuration.
 */
export async function readYaml(text: string): Promise<{ readonly value: unknown } | undefined> {
  if (text.length > LARGEST_FILE_CHARACTERS) return undefined
  const read = readPlainYaml(text) ?? (await import('./full-yaml.js')).readFullYaml(text)
  return read !== undefined && isPlain(read.value) ? read : undefined
}
