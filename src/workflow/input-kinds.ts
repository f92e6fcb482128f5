import { parseDuration } from '../rollout/duration.js'
import { nearest } from '../rollout/nearest.js'
import { UserError } from '../rollout/user-error.js'
import { parseWeight, type Weight } from '../rollout/weight.js'

/** One input of an action: how its text becomes a value, and what happens when nothing was given. */
export interface Input<Value> {
  readonly need: 'required' | 'optional'
  /** As in action.yml, which GitHub fills in; kept here too, for runners that do not. */
  readonly fallback?: string
  /** A secret: masked before anything is printed, never repeated in an error. */
  readonly secret?: true
  /** @throws UserError for text that is not allowed; is never called with ''. */
  read(given: string, name: string): Value
}

/** An input that may be left out. */
export function optional<Value>(input: Input<Value>): Input<Value | undefined> {
  return { ...input, need: 'optional' }
}

/** An input that has a value where none is given; action.yml states the same. */
export function otherwise<Value>(fallback: string, input: Input<Value>): Input<Value> {
  return { ...input, fallback }
}

/** An input that is masked. */
export function secret<Value>(input: Input<Value>): Input<Value> {
  return { ...input, secret: true }
}

/** `true` or `false`; anything else is refused, since a mistyped boolean must not mean false (trap 34). */
export const flag: Input<boolean> = {
  need: 'required',
  read: (given, name) => {
    if (/^(true|True|TRUE)$/.test(given)) return true
    if (/^(false|False|FALSE)$/.test(given)) return false
    throw new UserError(`${name}: ${JSON.stringify(given)} is neither true nor false`, {
      hint: 'Give true or false.',
    })
  },
}

/** A duration with units; the value is in milliseconds. */
export const duration: Input<number> = { need: 'required', read: parseDuration }

/** A duration that must not be nothing; the value is in milliseconds. */
export const someDuration: Input<number> = {
  need: 'required',
  read: (given, name) => {
    const ms = parseDuration(given, name)
    if (ms > 0) return ms
    throw new UserError(`${name}: ${JSON.stringify(given)} is no time at all`, { hint: 'Give more than 0s.' })
  },
}

/** A percentage of all requests. */
export const weight: Input<Weight> = { need: 'required', read: parseWeight }

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Input<Word> {
  return {
    need: 'required',
    read: (given, name) => {
      const found = words.find((word) => word === given)
      if (found !== undefined) return found
      const meant = nearest(given, words)
      throw new UserError(`${name}: ${JSON.stringify(given)} is not allowed`, {
        hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}Allowed: ${words.join(', ')}.`,
      })
    },
  }
}

/** Text of a stated form, for values that are passed on to platforms: no spaces, nothing that reads as an option. */
export function text(form: RegExp, allowed: string): Input<string> {
  return {
    need: 'required',
    read: (given, name) => {
      if (form.test(given)) return given
      throw new UserError(`${name}: ${JSON.stringify(given)} is not of the form that is allowed`, {
        hint: allowed,
      })
    },
  }
}

/** The label of a release. */
export const label: Input<string> = text(
  /^[A-Za-z0-9][A-Za-z0-9._+~/@:-]{0,127}$/,
  'Give at most 128 letters, digits and . _ + ~ / @ : -, beginning with a letter or a digit.',
)

/** A sentence or a path: one line, as long as is reasonable. */
export function line(limit: number): Input<string> {
  const form = new RegExp(`^[^\\p{Cc}]{1,${limit}}$`, 'u')
  return text(form, `Give one line of at most ${limit} characters, without control characters.`)
}

/** A secret of any form. */
export const anything: Input<string> = { need: 'required', read: (given) => given }
