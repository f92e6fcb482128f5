import { TransientError } from '../../rollout/ports/transient-error.js'
import { UserError } from '../../rollout/user-error.js'
import { harmless } from '../../smoke/harmless-text.js'
import type { Answer } from './exchange.js'
import type { Redact } from './redaction.js'
import { retryAfterMs } from './retry-after.js'
import { saidBy } from './said-by.js'

const HINTS: Readonly<Record<number, string>> = {
  400: 'The query is at fault: correct it as the server says.',
  401: 'Set the credentials for this server, or renew them: it does not know who asks.',
  403: 'The credentials are known, but may not do this: give them the right to read metrics, or use others.',
  404: 'Look at url: is a path prefix missing, or one too many?',
  405: 'Look at url: something else than the API answers here.',
  407: 'A proxy on the way wants credentials of its own.',
  413: 'Ask for less: a narrower query, or fewer labels.',
  414: 'Ask for less: a narrower query, or fewer labels.',
  422: 'The server understood the query but cannot run it: correct it as the server says.',
}

/** Whether the same question may be answered later: too many requests, time-outs, and failures of the server itself. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

/** An answer that is none, as an error that says what the server said. */
export function refusal(who: string, answer: Answer, redact: Redact, now: Date): TransientError | UserError {
  const said = saidBy(answer, redact)
  const message = `${who} answered ${answer.status}${redirectOf(answer, redact)}${said === '' ? '' : `: ${said}`}`
  if (isPassing(answer.status)) {
    const wait = retryAfterMs(answer.headers, now)
    return new TransientError(message, wait === undefined ? {} : { retryAfterMs: wait })
  }
  const hint = isRedirect(answer.status)
    ? 'Credentials are not carried to another address: write the address itself as url. A login page wants a token.'
    : HINTS[answer.status]
  return new UserError(message, hint === undefined ? {} : { hint })
}

export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status)
}

/** Where a redirect leads, without its query, which may hold a key. */
function redirectOf({ status, headers }: Answer, redact: Redact): string {
  const location = headers['location']
  if (location === undefined || !isRedirect(status)) return ''
  if (!URL.canParse(location)) return ' (a redirect)'
  const { origin, pathname } = new URL(location)
  return ` (a redirect to ${harmless(redact(`${origin}${pathname}`))})`
}
