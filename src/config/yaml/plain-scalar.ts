/** What is left to the whole YAML parser. */
export class Unsure extends Error {}

/** Made once: nobody reads its stack. */
const UNSURE = new Unsure('left to the whole parser')

export function unsure(): never {
  throw UNSURE
}

/** Characters that begin something else than text. */
const INDICATOR = /^(?:-(?= |$)|[?:,[\]{}#&*!|>'"%@`])/
const SIMPLE_NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/

/** Everything that YAML 1.2's core schema takes for a number. */
const NUMBER =
  /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[\da-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ['~', null],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
])

/** Text without quotes: a number, a word for true, false or null, or just text. */
export function plainScalar(text: string): string | number | boolean | null {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  // -0 is a number of its own.
  if (SIMPLE_NUMBER.test(text) && !/^-0(?:\.0*)?$/.test(text)) return Number(text)
  if (text === '' || INDICATOR.test(text) || NUMBER.test(text) || /:(?: |$)/.test(text)) unsure()
  return text
}

/** Text in quotes, with its quotes, without escapes. */
export function quotedScalar(text: string): string {
  const inner = text.slice(1, -1)
  if (text.length < 2 || inner.includes(text[0] ?? '') || (text.startsWith('"') && inner.includes('\\')))
    unsure()
  return inner
}
