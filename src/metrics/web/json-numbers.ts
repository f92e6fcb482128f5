import { messageOf, UserError } from '../../rollout/user-error.js'
import { harmless } from '../../smoke/harmless-text.js'
import { valuesAt } from '../../smoke/json-path.js'
import type { Redact } from '../http/redaction.js'

/** An answer, and how messages call it. */
export interface JsonAnswer {
  /** `metric errors (web at https://stats.example)` */
  readonly what: string
  /** A text that is JSON. */
  readonly body: string
  /** Takes the credentials out of what is shown of it. */
  readonly redact: Redact
}

/** The sum of the numbers at a path. @throws as `numbersAt` */
export async function sumAt(answer: JsonAnswer, path: string): Promise<number> {
  const numbers = await numbersAt(answer, path)
  return numbers.reduce((sum, number) => sum + number, 0)
}

/**
 * The numbers at a JSON path (RFC 9535). Nothing there is a mistake, or a page that has changed, unless the path may select any
 * number of things (`*`, `..`, `?`, a slice): then it is none.
 * @throws UserError if there is nothing, something else than numbers, or if the path is none
 */
export async function numbersAt(answer: JsonAnswer, path: string): Promise<readonly number[]> {
  const values = await found(answer, path)
  if (values.length === 0 && isSingular(path)) throw wrong(answer, path, 'is not in the answer')
  return values.map((value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof number === 'number' && Number.isFinite(number)) return number
    throw wrong(answer, path, `is ${harmless(answer.redact(JSON.stringify(value)))}, which is no number`)
  })
}

/** The one number at a path; undefined where it is null. @throws UserError for nothing, several, or no number */
export async function oneNumberAt(answer: JsonAnswer, path: string): Promise<number | undefined> {
  const values = await found(answer, path)
  if (values.length === 1 && values[0] === null) return undefined
  const numbers = await numbersAt(answer, path)
  if (numbers.length === 1) return numbers[0]
  throw wrong(answer, path, `finds ${numbers.length} numbers instead of one`)
}

async function found(answer: JsonAnswer, path: string): Promise<readonly unknown[]> {
  try {
    return await valuesAt(answer.body, path)
  } catch (thrown) {
    throw wrong(answer, path, `cannot be read: ${harmless(answer.redact(messageOf(thrown)))}`)
  }
}

/** Whether a path selects at most one thing. Text in quotes is a name. */
function isSingular(path: string): boolean {
  const grammar = path.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, 'name')
  return !/\*|\.\.|\?|:|,/.test(grammar)
}

function wrong({ what }: JsonAnswer, path: string, problem: string): UserError {
  return new UserError(`${what}: ${path} ${problem}`, {
    hint: 'Correct the JSON path of the metric, or the address that it asks.',
  })
}
