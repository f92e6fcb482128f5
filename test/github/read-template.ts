/** Reads a workflow file or an action.yml by GitHub's own schemas into tokens, and says what is wrong in them. */
import { readFile } from 'node:fs/promises'
import type { ObjectReader } from '@actions/workflow-parser/templates/object-reader'
import type { TemplateContext as Context } from '@actions/workflow-parser/templates/template-context'
import type { MappingToken, TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import * as library from './parser-library.ts'

/** What GitHub would refuse in a file: the sentence names file, line and column where they are known. */
export class InvalidFile extends Error {
  readonly problems: readonly string[]
  constructor(file: string, problems: readonly string[]) {
    super(`GitHub would refuse ${file}:\n  ${problems.join('\n  ')}`)
    this.name = 'InvalidFile'
    this.problems = problems
  }
}

export interface Template {
  context: Context
  root: MappingToken
}

/** Reads `file` by the schema of workflow files. Throws {@link InvalidFile} with every problem found. */
export function readWorkflowTemplate(file: string): Promise<Template> {
  return read(file, library.getWorkflowSchema(), library.WORKFLOW_ROOT)
}

/** Reads `file` by the schema of action.yml files. Throws {@link InvalidFile} with every problem found. */
export function readActionTemplate(file: string): Promise<Template> {
  return read(file, library.getActionSchema(), library.ACTION_ROOT)
}

type Schema = ReturnType<typeof library.getWorkflowSchema>

async function read(file: string, schema: Schema, rootDefinition: string): Promise<Template> {
  const context = new library.TemplateContext(
    new library.TemplateValidationErrors(),
    schema,
    new library.NoOperationTraceWriter(),
  )
  const fileId = context.getFileId(file)
  const reader = new library.YamlObjectReader(fileId, await readFile(file, 'utf8'))
  for (const problem of reader.errors) context.error(fileId, problem.message, problem.range)
  refuseProblems(file, context)
  const root = library.readTemplate(context, rootDefinition, unindented(reader), fileId)
  refuseProblems(file, context)
  if (!(root instanceof library.tokens.MappingToken)) throw new InvalidFile(file, ['it is not a mapping'])
  return { context, root }
}

/** Throws {@link InvalidFile} if the parser has written problems into its context so far. */
export function refuseProblems(file: string, context: Context): void {
  const problems = context.errors.getErrors().map((problem) => problem.message)
  if (problems.length > 0) throw new InvalidFile(file, problems)
}

/**
 * The package, made for editors, takes expressions in block scalars (`run: |`) from the raw source, with its
 * indentation. GitHub takes them from the value, so the source is withheld from the reader here.
 */
function unindented(reader: ObjectReader): ObjectReader {
  return {
    allowLiteral() {
      const token = reader.allowLiteral()
      if (!(token instanceof library.tokens.StringToken) || token.blockScalarHeader === undefined)
        return token
      return new library.tokens.StringToken(token.file, token.range, token.value, token.definitionInfo)
    },
    allowSequenceStart: () => reader.allowSequenceStart(),
    allowSequenceEnd: () => reader.allowSequenceEnd(),
    allowMappingStart: () => reader.allowMappingStart(),
    allowMappingEnd: () => reader.allowMappingEnd(),
    validateStart: () => reader.validateStart(),
    validateEnd: () => reader.validateEnd(),
  }
}

/** The value of a key of a mapping token, `undefined` if it is not there. */
export function at(mapping: TemplateToken | undefined, key: string): TemplateToken | undefined {
  if (!(mapping instanceof library.tokens.MappingToken)) return undefined
  for (const pair of mapping) if (pair.key.toString() === key) return pair.value
  return undefined
}

/** The entries of a mapping token, in order; none if it is not there. */
export function entries(mapping: TemplateToken | undefined): [string, TemplateToken][] {
  if (!(mapping instanceof library.tokens.MappingToken)) return []
  return [...mapping].map((pair) => [pair.key.toString(), pair.value])
}

/** The items of a sequence token; a scalar counts as a list of one, as GitHub allows in `needs`. */
export function items(token: TemplateToken | undefined): TemplateToken[] {
  if (token === undefined) return []
  return token instanceof library.tokens.SequenceToken ? [...token] : [token]
}

/** The literal text of a token that GitHub allows no expression in. */
export function text(token: TemplateToken | undefined): string | undefined {
  return token === undefined ? undefined : token.assertScalar('a literal').toString()
}
