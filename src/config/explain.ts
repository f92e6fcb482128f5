import type * as v from 'valibot'
import { messageOf } from '../rollout/user-error.js'
import { findProblems, phraseOf } from './find-problems.js'
import { layerPaths, valueAt } from './layers.js'
import { literalSecrets } from './literal-secrets.js'
import { placedDocument, type PlacedDocument } from './yaml/positions.js'
import { ConfigError, keyText, type KeyPath, type LocatedProblem, type Problem } from './problem.js'
import { FORBIDDEN_KEYS, isPlain, LARGEST_FILE_CHARACTERS, MOST_ALIASES } from './yaml/yaml-limits.js'
import type { ConfigSource } from './read-config-file.js'
import type { Selection } from './selection.js'
import { yamlProblems } from './yaml/yaml-problems.js'

/*
 * Says what is wrong in rollout.yml and where. It reads the file once more, with positions, which takes longer than
 * a step may take to start: nothing imports this but a dynamic import() after something was found to be wrong.
 */

/** More lines than this help nobody. */
const MOST_LINES = 50

/** Why the file as such cannot be used. */
export function fileError(schema: v.GenericSchema, source: ConfigSource): ConfigError {
  if (source.text.length > LARGEST_FILE_CHARACTERS) {
    return wholeFile(
      source,
      `given ${source.text.length} characters; allowed: at most ${LARGEST_FILE_CHARACTERS}`,
    )
  }
  try {
    const placed = placedDocument(source.text)
    const syntax = yamlProblems(placed, source.text)
    if (syntax.length > 0) return errorOf(syntax.map((one) => ({ file: source.file, key: '', ...one })))
    const value: unknown = placed.document.toJS({ maxAliasCount: MOST_ALIASES })
    return contentError(schema, source, placed, value)
  } catch (error) {
    return wholeFile(source, `cannot be read: ${messageOf(error)}`)
  }
}

function contentError(
  schema: v.GenericSchema,
  source: ConfigSource,
  placed: PlacedDocument,
  value: unknown,
): ConfigError {
  if (value === null) return wholeFile(source, `the file is empty; allowed: ${phraseOf(schema)}`)
  const forbidden = forbiddenKeys(value, [], new Set())
  if (forbidden.length === 0 && !isPlain(value)) {
    return wholeFile(source, 'is nested too deeply, contains itself, or holds too much')
  }
  const secrets = forbidden.length === 0 ? literalSecrets(value) : []
  const problems = withoutDoubles([...forbidden, ...secrets, ...findProblems(schema, value)])
  return errorOf(problems.map((problem) => located(source, placed, problem)))
}

/** Why the settings of one service in one environment cannot be used. The paths are those of the merged settings. */
export function settingsError(
  source: ConfigSource,
  selection: Selection,
  problems: readonly Problem[],
): ConfigError {
  const placed = placedDocument(source.text)
  const value: unknown = placed.document.toJS({ maxAliasCount: MOST_ALIASES })
  const layers = layerPaths(selection.layer, selection.environment).reverse()
  return errorOf(
    problems.map((problem) => ({
      ...located(source, placed, { ...problem, path: originOf(value, layers, problem.path) }),
      key: keyText(problem.path),
    })),
  )
}

/** The strongest layer that says something at a path; where none does, the one that comes nearest to it. */
function originOf(document: unknown, layers: readonly KeyPath[], path: KeyPath): KeyPath {
  for (let length = path.length; length > 0; length--) {
    const layer = layers.find((one) => valueAt(document, [...one, ...path.slice(0, length)]) !== undefined)
    if (layer !== undefined) return [...layer, ...path]
  }
  return path
}

function forbiddenKeys(value: unknown, path: KeyPath, seen: Set<unknown>): readonly Problem[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  return Object.entries(value).flatMap(([key, child]): readonly Problem[] => {
    const at = [...path, Array.isArray(value) ? Number(key) : key]
    const inside = forbiddenKeys(child, at, seen)
    if (!FORBIDDEN_KEYS.includes(key)) return inside
    return [
      { path: at, mark: 'key', message: 'this key is refused: it would change what an object is' },
      ...inside,
    ]
  })
}

/** A secret under an unknown key is told as a secret, not twice. */
function withoutDoubles(problems: readonly Problem[]): readonly Problem[] {
  const keys = problems.map(({ path }) => keyText(path))
  return problems.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

function located(
  { file }: ConfigSource,
  placed: PlacedDocument,
  { path, mark, message }: Problem,
): LocatedProblem {
  return { file, ...placed.find(path, mark), key: keyText(path), message }
}

function wholeFile({ file }: ConfigSource, message: string): ConfigError {
  return errorOf([{ file, line: 1, column: 1, key: '', message }])
}

function errorOf(problems: readonly LocatedProblem[]): ConfigError {
  const sorted = [...problems].sort((one, other) => one.line - other.line || one.column - other.column)
  const hidden = sorted.length - MOST_LINES
  const hint = hidden > 0 ? `${hidden} more are not shown.` : undefined
  return new ConfigError(sorted.slice(0, MOST_LINES), hint)
}
