/** How GitHub fails: rate limits, errors of its own, silence. */
import { refusal, type Answer } from './answer.ts'

/**
 * - `primary-rate-limit`: 403, `x-ratelimit-remaining: 0` and `x-ratelimit-reset` in a minute
 * - `secondary-rate-limit`: 429 with `retry-after` in seconds (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api)
 * - `server-error`: 502 with an HTML page, as GitHub's front door answers
 * - `slow`: the answer comes after `delayMs`
 * - `reset`: the connection is cut and nothing was done
 * - `reset-after`: it was done, and the connection is cut before the answer
 * - `truncated`: the answer ends in its middle
 */
export type FaultKind =
  | 'primary-rate-limit'
  | 'secondary-rate-limit'
  | 'server-error'
  | 'slow'
  | 'reset'
  | 'reset-after'
  | 'truncated'

export interface Fault {
  kind: FaultKind
  /** Which requests; default all. */
  method?: string
  path?: RegExp
  /** How often; default always. */
  times?: number
  /** Of `slow`, in ms. */
  delayMs?: number
  /** Of `secondary-rate-limit`, in seconds. Default 60. */
  retryAfter?: number
}

export class Faults {
  readonly #planned: { fault: Fault; left: number }[] = []

  add(fault: Fault): void {
    this.#planned.push({ fault, left: fault.times ?? Infinity })
  }

  clear(): void {
    this.#planned.length = 0
  }

  /** The fault that this request meets. */
  take(method: string, path: string): Fault | undefined {
    const found = this.#planned.find(
      ({ fault, left }) =>
        left > 0 && (fault.method ?? method) === method && (fault.path?.test(path) ?? true),
    )
    if (found === undefined) return undefined
    found.left -= 1
    return found.fault
  }
}

/** The answer that stands in place of the real one, if the fault has one. */
export function answerOf(fault: Fault): Answer | undefined {
  const page = '/using-the-rest-api/rate-limits-for-the-rest-api'
  if (fault.kind === 'primary-rate-limit') {
    const reset = String(Math.ceil(Date.now() / 1000) + 60)
    const headers = { 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    return { ...refusal(403, 'API rate limit exceeded for installation ID 1.', page), headers }
  }
  if (fault.kind === 'secondary-rate-limit') {
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    return {
      ...refusal(429, message, `${page}#about-secondary-rate-limits`),
      headers: { 'retry-after': String(fault.retryAfter ?? 60) },
    }
  }
  if (fault.kind === 'server-error') {
    const body =
      '<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title></head><body>502</body></html>'
    return { status: 502, body, headers: { 'content-type': 'text/html; charset=utf-8' } }
  }
  return undefined
}
