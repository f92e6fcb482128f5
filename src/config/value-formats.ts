import * as v from 'valibot'
import { parseDuration } from '../rollout/duration.js'
import { parseWeight, type Weight } from '../rollout/weight.js'

/*
 * The values that keys of rollout.yml take. Every message here is what follows "allowed: " in an error, so it
 * names what may be written instead.
 */

/** A key that may be left out. The description and the default go into the JSON Schema and the documentation. */
export function key<const S extends v.GenericSchema>(
  schema: S,
  description: string,
  byDefault?: string | number | boolean | readonly string[],
) {
  const metadata = byDefault === undefined ? { description } : { description, default: byDefault }
  return v.pipe(v.exactOptional(schema), v.metadata(metadata))
}

/** A key without which its map means nothing. */
export function requiredKey<const S extends v.GenericSchema>(schema: S, description: string) {
  return v.pipe(schema, v.metadata({ description }))
}

const DURATION = /^(?:0|\d{1,9}(?:ms|s|m|h))$/
const DURATION_PHRASE = 'a duration such as 250ms, 30s, 5m or 1h, at most 720h'

/** The core reads durations; here it is asked whether it can. */
function millisecondsOf(text: string): number | undefined {
  try {
    return parseDuration(text)
  } catch {
    return undefined
  }
}

function durationOf(shortestMs: number, phrase: string) {
  return v.pipe(
    v.string(phrase),
    v.regex(DURATION, phrase),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const ms = millisecondsOf(dataset.value)
      if (ms !== undefined && ms >= shortestMs) return ms
      addIssue({ message: phrase })
      return NEVER
    }),
  )
}

/** Milliseconds, more than none. */
export const positiveDuration = durationOf(1, `${DURATION_PHRASE}, and more than 0`)

/** Milliseconds; `0` needs no unit. */
export const duration = v.union(
  [durationOf(0, DURATION_PHRASE), v.literal(0, DURATION_PHRASE)],
  `${DURATION_PHRASE}, or 0`,
)

const WEIGHT_PHRASE =
  'a percentage of all requests from 0 to 100 with at most two decimals, such as 5, 25 or 100'

/** `25`, `"25%"` or `0.5`. */
export const weight = v.union(
  [
    v.pipe(
      v.number(WEIGHT_PHRASE),
      v.minValue(0, WEIGHT_PHRASE),
      v.maxValue(100, WEIGHT_PHRASE),
      v.check((given) => /^\d{1,3}(\.\d{1,2})?$/.test(String(given)), WEIGHT_PHRASE),
      v.transform((given): Weight => parseWeight(given)),
    ),
    v.pipe(
      v.string(WEIGHT_PHRASE),
      v.regex(/^(?:100(?:\.0{1,2})?|\d{1,2}(?:\.\d{1,2})?)\s?%$/, WEIGHT_PHRASE),
      v.transform((given): Weight => parseWeight(given)),
    ),
  ],
  WEIGHT_PHRASE,
)

/** A share with its sign: `0.5%` becomes 0.005. A bare number could mean either, so it is refused. */
export function percent(of: string) {
  const phrase = `a percentage ${of}, written with its sign: 0.05%, 5% or 25%`
  return v.pipe(
    v.string(phrase),
    v.regex(/^\d{1,4}(?:\.\d{1,4})?\s?%$/, phrase),
    v.transform((text) => Number(text.replace(/\s?%$/, '')) / 100),
  )
}

/** A whole number in a range, both ends allowed. */
export function wholeNumber(min: number, max: number, what = 'a whole number') {
  const phrase = `${what} from ${min} to ${max}`
  return v.pipe(v.number(phrase), v.integer(phrase), v.minValue(min, phrase), v.maxValue(max, phrase))
}

/** A number in a range, both ends allowed. */
export function numberIn(min: number, max: number, phrase: string) {
  return v.pipe(v.number(phrase), v.minValue(min, phrase), v.maxValue(max, phrase))
}

export const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** The name of a service or an environment. It becomes part of file and object names. */
export function name(of: string) {
  const phrase = `a name for the ${of} of letters, digits, ".", "_" and "-", at most 63, such as shop or shop-api`
  return v.pipe(v.string(phrase), v.regex(NAME, phrase))
}

/** Text that is not empty. */
export function text(phrase: string) {
  return v.pipe(v.string(phrase), v.regex(/\S/, phrase))
}

const URL_PHRASE = 'an http or https address such as https://shop.example.com/health; ${NAME} is filled in'

/** An address, perhaps with variables in it. */
export const webAddress = v.pipe(
  v.string(URL_PHRASE),
  v.regex(/^(?:https?:\/\/\S+|\$\{[A-Za-z_][A-Za-z0-9_]*\}\S*)$/, URL_PHRASE),
)

const PATH_PHRASE = 'a path that begins with /, such as /health or /search?q=tea'

/** Path and query of a request. */
export const requestPath = v.pipe(v.string(PATH_PHRASE), v.regex(/^\/[^\s#]*$/, PATH_PHRASE))

const HEADER_PHRASE = 'the name of an HTTP header, such as accept'

export const headerName = v.pipe(
  v.string(HEADER_PHRASE),
  v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, HEADER_PHRASE),
)

const JSON_PATH_PHRASE = 'a JSON path that begins with $, such as $.items[0].id'

export const jsonPath = v.pipe(v.string(JSON_PATH_PHRASE), v.regex(/^\$/, JSON_PATH_PHRASE))

const SECRET_PHRASE = 'a variable such as "${TOKEN}", which the env of the step sets from a secret'

/** A secret: variables of the environment and nothing else, since the file is no place for it. */
export const secret = v.pipe(
  v.string(SECRET_PHRASE),
  v.regex(/^(?:\$\{[A-Za-z_][A-Za-z0-9_]*\})+$/, SECRET_PHRASE),
)

const PLACEHOLDER_PHRASE = 'the name of a placeholder, such as namespace'

/** Values that queries mention as `{{name}}`. */
export const placeholderValues = v.record(
  v.pipe(v.string(PLACEHOLDER_PHRASE), v.regex(/^[A-Za-z][A-Za-z0-9_-]*$/, PLACEHOLDER_PHRASE)),
  text('text'),
  'a map such as { namespace: shop }',
)

/** One of several words. */
export function oneOf<const O extends readonly string[]>(options: O) {
  return v.picklist(
    options,
    options.length === 1 ? `${options[0]}` : `${options.slice(0, -1).join(', ')} or ${options.at(-1)}`,
  )
}

export const yesOrNo = v.boolean('true or false')
