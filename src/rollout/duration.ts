import { UserError } from './user-error.js'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

type Unit = keyof typeof UNIT_MS

/** The longest duration: GitHub ends whatever waits for an approval after 30 days (trap 38). */
export const LONGEST_DURATION_MS = 30 * UNIT_MS.d

/**
 * Reads a duration as a user writes it: a whole number and its unit, `250ms`, `30s`, `5m`, `1h`, or `0` for none.
 * A number without a unit is refused, since half of the readers would take it for minutes (trap 34).
 * @returns whole milliseconds.
 * @throws UserError for anything else.
 */
export function parseDuration(given: string, name = 'duration'): number {
  const text = given.trim()
  if (text === '0') return 0
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) {
    const ms = Number(count) * UNIT_MS[unit as Unit]
    if (ms <= LONGEST_DURATION_MS) return ms
  }
  throw new UserError(`${name}: ${JSON.stringify(given)} is not a duration`, {
    hint: 'Give a number and its unit, such as 250ms, 30s, 5m or 1h; at most 720h.',
  })
}

/** Writes a duration for people to read: its two largest units, rounded: `2m30s`, `1d4h`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) === 0) return '0s'
  if (ms < 1_000) return `${Math.round(ms)}ms`
  if (ms < 9_950) return `${Math.round(ms / 100) / 10}s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3_600) return twoUnits(seconds, 60, 'm', 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1_440) return twoUnits(minutes, 60, 'h', 'm')
  return twoUnits(Math.round(minutes / 60), 24, 'd', 'h')
}

function twoUnits(amount: number, factor: number, large: Unit, small: Unit): string {
  const rest = amount % factor
  return `${Math.floor(amount / factor)}${large}${rest === 0 ? '' : `${rest}${small}`}`
}
