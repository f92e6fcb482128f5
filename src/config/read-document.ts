import * as v from 'valibot'
import { literalSecrets } from './literal-secrets.js'
import type { ConfigSource } from './read-config-file.js'
import { readYaml } from './read-yaml.js'

/**
 * Reads a YAML text by a schema. What is needed to say what is wrong, and where, is loaded only when something is:
 * steps start faster without it.
 * @throws ConfigError that lists everything wrong at once, one line each, with its place.
 */
export async function readDocument<const S extends v.GenericSchema>(
  schema: S,
  source: ConfigSource,
): Promise<v.InferOutput<S>> {
  const raw = await readYaml(source.text)
  if (raw !== undefined) {
    const parsed = v.safeParse(schema, raw.value)
    if (parsed.success && literalSecrets(raw.value).length === 0) return parsed.output
  }
  const { fileError } = await import('./explain.js')
  throw fileError(schema, source)
}
