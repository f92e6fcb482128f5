import { UserError } from './user-error.js'

/** Percentage of requests that go to the candidate: 0 to 100, at most two decimals (a bucket is 0.01 %). */
export type Weight = number & { readonly brand: 'Weight' }

/**
 * Reads a weight as a user writes it: `25`, `25%` or `0.5`.
 * @throws UserError for anything else; `parseInt` would let `25abc` and NaN through (trap 34).
 */
export function parseWeight(given: string | number, name = 'weight'): Weight {
  const text = String(given).trim().replace(/\s*%$/, '')
  if (/^\d{1,3}(\.\d{1,2})?$/.test(text)) {
    const value = Number(text)
    if (value <= 100) return value as Weight
  }
  throw new UserError(`${name}: ${JSON.stringify(String(given))} is not a weight`, {
    hint: 'Give a percentage of all requests from 0 to 100 with at most two decimals, such as 5, 25 or 100.',
  })
}

export const NONE = 0 as Weight
export const ALL = 100 as Weight

/** The rest of the traffic, to the hundredth, free of binary rounding: 100 − 33.3 is 66.7. */
export function rest(weight: Weight): Weight {
  return ((10_000 - Math.round(weight * 100)) / 100) as Weight
}
