import * as v from 'valibot'
import { literalSecrets } from '../literal-secrets.js'
import type { ConfigSource } from '../read-config-file.js'
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
  return readByEither(schema, () => Promise.resolve(schema), source)
}

/**
 * Reads a YAML text by a schema that is quickly loaded, or, where that one does not suffice, by the full one, which takes all
 * that the other takes.
 * @throws ConfigError as readDocument does, of the full schema
 */
export async function readByEither<const S extends v.GenericSchema>(
  plain: v.GenericSchema<unknown, v.InferOutput<S>>,
  full: () => Promise<S>,
  source: ConfigSource,
): Promise<v.InferOutput<S>> {
  const raw = await readYaml(source.text)
  if (raw !== undefined && literalSecrets(raw.value).length === 0) {
    const parsed = v.safeParse(plain, raw.value)
    if (parsed.success) return parsed.output
    const fully = v.safeParse(await full(), raw.value)
    if (fully.success) return fully.output
  }
  const { fileError } = await import('../explain.js')
  throw fileError(await full(), source)
}
