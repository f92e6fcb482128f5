/** `strategy.matrix`: the jobs it makes, by the rules of GitHub's workflow syntax page ("matrix.include"). */
import type { Json, JsonObject } from './expressions.ts'

/** All combinations, `exclude` taken out, `include` merged in or added. A job without a matrix makes none. */
export function expandMatrix(matrix: JsonObject): JsonObject[] {
  const { include = [], exclude = [], ...axes } = matrix
  const original = Object.entries(axes).reduce<JsonObject[]>(
    (found, [name, values]) =>
      found.flatMap((combination) => list(values).map((value) => ({ ...combination, [name]: value }))),
    Object.keys(axes).length === 0 ? [] : [{}],
  )
  const kept = original.filter(
    (combination) => !objects(exclude).some((pattern) => matches(combination, pattern)),
  )
  const combinations = kept.map((combination) => ({ ...combination }))
  const added: JsonObject[] = []
  for (const extra of objects(include)) {
    const fitting = combinations.filter((_, index) => fits(kept[index] ?? {}, extra))
    if (fitting.length === 0) added.push({ ...extra })
    for (const combination of fitting) Object.assign(combination, extra)
  }
  return [...combinations, ...added]
}

/** The values in brackets behind a job's name. */
export function matrixLabel(combination: JsonObject): string {
  const values = Object.values(combination).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  )
  return `(${values.join(', ')})`
}

function list(value: Json): Json[] {
  return Array.isArray(value) ? value : [value]
}

function objects(value: Json): JsonObject[] {
  return list(value).filter(
    (item): item is JsonObject => item !== null && typeof item === 'object' && !Array.isArray(item),
  )
}

function matches(combination: JsonObject, pattern: JsonObject): boolean {
  return Object.entries(pattern).every(([key, value]) => same(combination[key], value))
}

/** An `include` joins a combination if it overwrites none of its original values. */
function fits(original: JsonObject, extra: JsonObject): boolean {
  return Object.entries(extra).every(([key, value]) => !(key in original) || same(original[key], value))
}

function same(a: Json | undefined, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
