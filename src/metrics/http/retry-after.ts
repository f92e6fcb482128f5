/**
 * How long a server asked to be left alone, in milliseconds: a number of seconds or a date (RFC 9110, 10.2.3), which is taken
 * against the server's own `Date`, since its clock and ours may differ. Undefined if it asked nothing, or nothing that can be read.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string | undefined>>,
  now: Date,
): number | undefined {
  const given = headers['retry-after']?.trim()
  if (given === undefined || given === '') return undefined
  if (/^\d{1,9}(\.\d+)?$/.test(given)) return Number(given) * 1_000
  const until = Date.parse(given)
  if (Number.isNaN(until)) return undefined
  const theirs = Date.parse(headers['date'] ?? '')
  return Math.max(0, until - (Number.isNaN(theirs) ? now.getTime() : theirs))
}
