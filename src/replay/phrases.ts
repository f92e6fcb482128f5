import * as v from 'valibot'

/*
 * The values in a file for the judge. Every message is what follows "allowed: " in an error. Counts, times and limits are bare numbers
 * in the units that the descriptions name.
 */

/** Any number that is one. */
export function finite(phrase: string) {
  return v.pipe(v.number(phrase), v.finite(phrase))
}

/** A number in a range, both ends allowed. */
export function between(min: number, max: number, phrase = `a number from ${min} to ${max}`) {
  return v.pipe(finite(phrase), v.minValue(min, phrase), v.maxValue(max, phrase))
}

/** A number from 0 on. */
export function atLeastZero(phrase: string) {
  return v.pipe(finite(phrase), v.minValue(0, phrase))
}

/** A whole number from 0 on. */
export function countOf(what: string) {
  const phrase = `${what}, a whole number from 0`
  return v.pipe(
    v.number(phrase),
    v.integer(phrase),
    v.minValue(0, phrase),
    v.maxValue(Number.MAX_SAFE_INTEGER, phrase),
  )
}

/** Milliseconds from 1970 to the last day that a date can name, or back to the first: no duration is longer. */
const LONGEST_MS = 8.64e15

/** Milliseconds, 0 or more. */
export const milliseconds = between(0, LONGEST_MS, 'milliseconds, a number from 0 to 8.64e15')

/** A moment. */
export const moment = between(
  -LONGEST_MS,
  LONGEST_MS,
  'milliseconds since 1970, a number from -8.64e15 to 8.64e15',
)

export const NAME_PHRASE = 'the name of a metric, such as errors'
export const metricName = v.pipe(v.string(NAME_PHRASE), v.minLength(1, NAME_PHRASE))

/** A map that takes the named keys only; what is written beside them is told with the keys that there are. */
export function closedMap<const E extends v.ObjectEntries>(entries: E, phrase: string) {
  const known = Object.keys(entries).join(', ')
  return v.strictObject(entries, ({ expected }) => (expected === 'never' ? known : phrase))
}

/** Every key of a type has a schema: a key that is added there is missed here by the compiler. */
export type EntriesOf<T> = Record<keyof T, v.GenericSchema>
