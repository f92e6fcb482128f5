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

/** What of a question explains a refusal. */
export interface Refused {
  /** The path that the settings say, without what is asked below it: `/prometheus`. */
  readonly prefix: string
  /** Below the prefix: `/api/v1/query`. */
  readonly path: string
  /** Whether anything proved who asked. */
  readonly isKnown: boolean
}

/** An answer that is none, as an error that says what the server said. */
export function refusal(
  who: string,
  answer: Answer,
  redact: Redact,
  now: Date,
  question?: Refused,
): TransientError | UserError {
  const said = saidBy(answer, redact)
  const message = `${who} answered ${answer.status}${redirectOf(answer, redact)}${said === '' ? '' : `: ${said}`}`
  if (isPassing(answer.status)) {
    const wait = retryAfterMs(answer.headers, now)
    return new TransientError(message, wait === undefined ? {} : { retryAfterMs: wait })
  }
  const hint = isRedirect(answer.status)
    ? 'Credentials are not carried to another address: write the address itself as url. A login page wants a token.'
    : (hintBy(answer.status, redact, question) ?? HINTS[answer.status])
  return new UserError(message, hint === undefined ? {} : { hint })
}

/** What the question itself shows to be wrong. */
function hintBy(status: number, redact: Redact, question: Refused | undefined): string | undefined {
  if (question === undefined) return undefined
  if (status === 401 && !question.isKnown) {
    return 'No credentials are set for this source: set those that the server asks for, such as bearer.'
  }
  const twice = status === 404 ? saidTwice(question) : undefined
  return twice === undefined
    ? undefined
    : `Leave ${redact(twice)} out of url: it is the address to which ${redact(pathOf(question))} is appended.`
}

/** The end of the prefix with which the path begins too, or that is a page of Prometheus for people. */
function saidTwice(question: Refused): string | undefined {
  const { prefix } = question
  const parts = prefix.split('/').filter((part) => part !== '')
  const below = pathOf(question)
  const ends = parts.map((_, from) => `/${parts.slice(from).join('/')}`)
  const page = /\/(?:graph|query|targets)$/.exec(prefix)?.[0]
  return ends.find((end) => `${below}/`.startsWith(`${end}/`)) ?? page
}

/** Without its query, which may hold a key. */
function pathOf({ path }: Refused): string {
  return path.split('?')[0] ?? ''
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
