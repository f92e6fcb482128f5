import { toJsonSchema } from '@valibot/to-json-schema'
import { inputSchema, reportSchema } from '../src/replay/file-schema.ts'

/** Rules that JSON Schema cannot say; the command checks them. */
const ONLY_THE_COMMAND_CHECKS = ['check', 'finite']

const textOf = (schema: typeof inputSchema | typeof reportSchema): string => {
  const converted = toJsonSchema(schema, {
    target: 'draft-07',
    typeMode: 'input',
    ignoreActions: ONLY_THE_COMMAND_CHECKS,
  })
  return `${JSON.stringify(converted, undefined, 2)}\n`
}

/** The JSON Schemas of what `npm run judge` reads, made from what it checks by; by their paths. */
export const judgeSchemas = (): readonly (readonly [path: string, text: string])[] => [
  ['docs/judge-input.schema.json', textOf(inputSchema)],
  ['docs/report.schema.json', textOf(reportSchema)],
]
