/**
 * What an adapter throws when its target answered 429, 5xx or not at all: nothing is known to be wrong, and
 * the same call may succeed later. The core asks again with backoff until the step's deadline; the call
 * must therefore be idempotent.
 */
export class TransientError extends Error {
  /** How long the target asked us to stay away, in milliseconds (Retry-After). */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TransientError'
    this.retryAfterMs = options.retryAfterMs
  }
}
