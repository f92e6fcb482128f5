import { toJsonSchema } from '@valibot/to-json-schema'
import { rolloutSchema, settings } from '../full-rollout-schema.js'
import { sourceSchema } from '../sources/source-schema.js'

/** Where editors find it: `# yaml-language-server: $schema=…`. */
export const SCHEMA_FILE = 'schema/rollout.schema.json'

/** Rules that JSON Schema cannot say; the loader checks them. */
const ONLY_THE_LOADER_CHECKS = ['check', 'raw_check']

/**
 * The JSON Schema of rollout.yml (draft 7, which editors know best), made from what the loader checks by. For the
 * generator only: what it needs is a development dependency.
 */
export function emitJsonSchema(): string {
  const schema = toJsonSchema(rolloutSchema, {
    target: 'draft-07',
    typeMode: 'input',
    definitions: { ...settings, source: sourceSchema },
    ignoreActions: ONLY_THE_LOADER_CHECKS,
  })
  const either = { anyOf: [{ required: ['service'] }, { required: ['services'] }] }
  return `${JSON.stringify(withoutEmptyRequired({ ...schema, ...either }), undefined, 2)}\n`
}

/** `required: []` says nothing. */
function withoutEmptyRequired(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutEmptyRequired)
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).filter(
    ([key, value]) => !(key === 'required' && Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutEmptyRequired(value)]))
}
