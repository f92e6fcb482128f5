import * as v from 'valibot'
import { nearest } from '../rollout/nearest.js'
import { isMap, valueAt } from './layers.js'
import { looksSecretAt } from './literal-secrets.js'
import { notYet } from './not-yet.js'
import { keyText, type KeyPath, type Problem } from './problem.js'
import { FORBIDDEN_KEYS } from './yaml/yaml-limits.js'

/**
 * Everything in which a value differs from the schema. Valibot stops at the first unknown key of a map and reports a
 * union by all its branches; people want every typing error at once, and of a union the branch that they meant.
 */
export function findProblems(
  schema: v.GenericSchema,
  value: unknown,
  path: KeyPath = [],
): readonly Problem[] {
  const bare = unwrapped(schema)
  if (isKind(bare, 'union')) return unionProblems(schema, bare, value, path)
  if (isKind(bare, 'nullable')) return value === null ? [] : findProblems(bare.wrapped, value, path)
  const inside = isKind(bare, 'strict_object')
    ? mapProblems(bare, value, path)
    : isKind(bare, 'record')
      ? recordProblems(bare, value, path)
      : isKind(bare, 'array') && Array.isArray(value)
        ? value.flatMap((item: unknown, index) => findProblems(bare.item, item, [...path, index]))
        : []
  return inside.length > 0 ? inside : ownProblems(schema, value, path)
}

/** The kinds of schema that are looked into; the others are judged as a whole. */
interface Kinds {
  union: { readonly options: readonly v.GenericSchema[] }
  nullable: { readonly wrapped: v.GenericSchema }
  strict_object: { readonly entries: Readonly<Record<string, v.GenericSchema>> }
  record: { readonly key: v.GenericSchema; readonly value: v.GenericSchema }
  array: { readonly item: v.GenericSchema }
  picklist: { readonly options: readonly string[] }
}

function isKind<K extends keyof Kinds>(
  schema: v.GenericSchema,
  kind: K,
): schema is v.GenericSchema & Kinds[K] {
  return schema.type === kind
}

/** The schema of a key that may be left out, without that permission. */
function unwrapped(schema: v.GenericSchema): v.GenericSchema {
  if (schema.type !== 'exact_optional' || !('wrapped' in schema)) return schema
  return unwrapped(schema.wrapped as v.GenericSchema)
}

function mapProblems(schema: Kinds['strict_object'], value: unknown, path: KeyPath): readonly Problem[] {
  if (!isMap(value)) return [wrongValue(path, value, phraseOf(schema))]
  const known = Object.keys(schema.entries)
  const missing = known.filter(
    (key) => schema.entries[key]?.type !== 'exact_optional' && !Object.hasOwn(value, key),
  )
  return [
    ...missing.map((key): Problem => ({ path: [...path, key], mark: 'key', message: 'is missing' })),
    ...Object.entries(value).flatMap(([key, child]) => {
      const entry = Object.hasOwn(schema.entries, key) ? schema.entries[key] : undefined
      return entry === undefined
        ? [unknownKey([...path, key], key, known)]
        : findProblems(entry, child, [...path, key])
    }),
  ]
}

function recordProblems(schema: Kinds['record'], value: unknown, path: KeyPath): readonly Problem[] {
  if (!isMap(value)) return [wrongValue(path, value, phraseOf(schema))]
  return Object.entries(value).flatMap(([key, child]) => {
    const at = [...path, key]
    if (FORBIDDEN_KEYS.includes(key)) return [unknownKey(at, key, [])]
    const name = v.safeParse(schema.key, key)
    const wrongName = name.success ? [] : [wrongValue(at, key, name.issues[0].message, 'key')]
    return [...wrongName, ...findProblems(schema.value, child, at)]
  })
}

/** Of a union the branch that the value was meant for: the only one that takes this kind of value. */
function unionProblems(
  schema: v.GenericSchema,
  union: Kinds['union'],
  value: unknown,
  path: KeyPath,
): readonly Problem[] {
  if (v.safeParse(schema, value).success) return []
  const meant = union.options.filter((option) => takes(option, value))
  const [only] = meant
  if (meant.length === 1 && only !== undefined && typeof value === 'object')
    return findProblems(only, value, path)
  const words = /(?:^|\.)analysis\.metrics\[\d+\]$/.test(keyText(path)) ? METRIC_WORDS : []
  return [wrongValue(path, value, phraseOf(union), 'value', nearestOf(words, value))]
}

/** Names that metrics often have: what is allowed is a pattern. */
const METRIC_WORDS = ['errors', 'latency-p50', 'latency-p90', 'latency-p95', 'latency-p99']

function takes(schema: v.GenericSchema, value: unknown): boolean {
  if (Array.isArray(value)) return schema.type === 'array'
  return isMap(value) && (schema.type === 'strict_object' || schema.type === 'record')
}

/** What valibot says of this value as a whole: leaves, and rules that span several keys. */
function ownProblems(schema: v.GenericSchema, value: unknown, path: KeyPath): readonly Problem[] {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return []
  return parsed.issues
    .map((issue) => {
      const inner = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
      const near = inner.length === 0 ? nearestOf(wordsOf(schema), value) : undefined
      return wrongValue([...path, ...inner], valueAt(value, inner), issue.message, 'value', near)
    })
    .filter(firstOfItsPlace)
}

/** The words that a schema allows, where there are only so many. */
function wordsOf(schema: v.GenericSchema): readonly string[] {
  const bare = unwrapped(schema)
  return isKind(bare, 'picklist') ? bare.options : []
}

function nearestOf(words: readonly string[], value: unknown): string | undefined {
  return typeof value === 'string' ? nearest(value, words) : undefined
}

/** A value that breaks several rules of its key is told once. */
function firstOfItsPlace(problem: Problem, index: number, all: readonly Problem[]): boolean {
  return all.findIndex((other) => keyText(other.path) === keyText(problem.path)) === index
}

function wrongValue(
  path: KeyPath,
  value: unknown,
  allowed: string,
  mark: Problem['mark'] = 'value',
  near?: string,
): Problem {
  const early = isMap(value) || typeof value === 'string' ? tooEarly(path, value) : undefined
  if (early !== undefined) return { path, mark, message: early }
  const meant = near === undefined ? '' : ` did you mean ${near}?`
  return { path, mark, message: `given ${shown(path, value)};${meant} allowed: ${allowed}` }
}

function unknownKey(path: KeyPath, key: string, known: readonly string[]): Problem {
  const early = notYet(withoutOverrides(path.slice(0, -1)), key)
  if (early !== undefined) return { path, mark: 'key', message: early }
  const near = nearest(key, known)
  const meant = near === undefined ? '' : `; did you mean ${near}?`
  const allowed = known.length === 0 ? '' : ` Allowed here: ${known.join(', ')}`
  return {
    path,
    mark: 'key',
    message: `unknown key${meant}${meant === '' && allowed !== '' ? '.' : ''}${allowed}`,
  }
}

function tooEarly(path: KeyPath, value: string | object): string | undefined {
  const at = withoutOverrides(path)
  const names = typeof value === 'string' ? [value] : Object.keys(value)
  return names.map((name) => notYet(at, name)).find((message) => message !== undefined)
}

/** `environments.staging.platform` is `platform`, in other circumstances. */
function withoutOverrides(path: KeyPath): string {
  const start = path[0] === 'services' ? path.slice(2) : path
  return keyText(start[0] === 'environments' ? start.slice(2) : start)
}

/** What a schema allows, in words. */
export function phraseOf(schema: object): string {
  return 'message' in schema && typeof schema.message === 'string' ? schema.message : 'something else'
}

/** Numbers as they are; of other values only the names. */
function mapText(entries: readonly (readonly [string, unknown])[]): string {
  if (entries.length === 0) return 'an empty map'
  const numbers = entries.every(([, one]) => typeof one === 'number')
  const text = numbers
    ? `{ ${entries.map(([name, one]) => `${name}: ${String(one)}`).join(', ')} }`
    : `a map with ${entries.map(([name]) => name).join(' and ')}`
  return text.length <= LONGEST_SHOWN ? text : 'a map'
}

const LONGEST_SHOWN = 60

/** What was given, short enough for a line, and never a secret. */
function shown(path: KeyPath, value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (looksSecretAt(path, value)) return 'a value that is not shown'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return mapText(Object.entries(value))
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
}
