import { formatDuration } from './duration.js'
import type { Clock } from './ports/clock.js'
import type { Narrator } from './ports/narrator.js'
import { TransientError } from './ports/transient-error.js'
import { UserError } from './user-error.js'

/** First pause between two tries, in milliseconds; it doubles up to the longest. */
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000

export interface Patience {
  readonly clock: Clock
  readonly narrator: Narrator
  /** The signal that holds now: going back outlives the job's cancellation. */
  readonly signal: () => AbortSignal
  /** How long one call may be repeated, in milliseconds. */
  readonly limitMs: number
}

/**
 * A port whose calls are repeated, with backoff, while they throw TransientError (429, 5xx, no answer), until the
 * limit is over; then a UserError says what did not answer (traps 20, 31). Every port call is idempotent, so a
 * call that took effect without an answer does no harm.
 */
export function patiently<Port extends object>(name: string, port: Port, patience: Patience): Port {
  return new Proxy(port, {
    get(target, key): unknown {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const call = (): unknown => Reflect.apply(member, target, args)
        const first = call()
        return first instanceof Promise ? repeat(`${name}.${String(key)}`, first, call, patience) : first
      }
    },
  })
}

async function repeat(
  what: string,
  first: Promise<unknown>,
  call: () => unknown,
  patience: Patience,
): Promise<unknown> {
  const { clock, narrator, signal } = patience
  const giveUpAt = clock.monotonicMs() + patience.limitMs
  let pause = FIRST_PAUSE_MS
  let attempt = first
  for (;;) {
    try {
      return await attempt
    } catch (thrown) {
      if (!(thrown instanceof TransientError)) throw thrown
      const wait = Math.min(Math.max(pause, thrown.retryAfterMs ?? 0), giveUpAt - clock.monotonicMs())
      if (wait <= 0 || signal().aborted) throw gaveUp(what, thrown, patience.limitMs)
      narrator.say(`${what}: ${thrown.message}; asking again in ${Math.ceil(wait / 1000)} s`)
      await clock.sleep(wait, signal())
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      attempt = Promise.resolve(call())
    }
  }
}

function gaveUp(what: string, cause: TransientError, limitMs: number): UserError {
  return new UserError(`${what} did not answer within ${formatDuration(limitMs)}: ${cause.message}`, {
    hint: 'Run the same step again, or roll back: both start from the live system.',
    cause,
  })
}
