import { UserError } from '../rollout/user-error.js'
import type { Blocker } from './blockers.js'
import type { MigrationClock } from './clock.js'
import { isLockConflict } from './database-errors.js'
import { lineOf } from './refusal.js'
import type { Complaint } from './refusal.js'

const FIRST_LOCK_TIMEOUT_MS = 200
const LONGEST_LOCK_TIMEOUT_MS = 1_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 60_000
const ATTEMPTS = 30
const GIVE_UP_MS = 15 * 60_000

/**
 * How long a statement may stand in line for its lock, in milliseconds. While it does, every query behind it stands
 * too: one second of waiting was measured to stall all reads of the table for 963 ms, 200 ms for little more than
 * themselves. So it gives way and comes again.
 */
export function lockTimeoutMs(attempt: number): number {
  return Math.min(LONGEST_LOCK_TIMEOUT_MS, Math.round(FIRST_LOCK_TIMEOUT_MS * 1.25 ** (attempt - 1)))
}

/** Full jitter: anything up to a limit that doubles, so that two who collided do not collide again. */
export function pauseMs(attempt: number, random: number): number {
  return Math.round(random * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)))
}

interface Patience {
  /** Where the statement stands. */
  readonly at: Omit<Complaint, 'message'>
  readonly clock: MigrationClock
  readonly signal: AbortSignal
  readonly narrate: (line: string) => void
}

/** Who was seen to block an attempt that gave way. */
export interface Attempt {
  readonly number: number
  readonly sawBlockers: (blockers: readonly Blocker[]) => void
}

/**
 * Tries until the lock is there: 30 times within 15 minutes, and only where another session's lock was the reason.
 * @throws UserError naming who blocked, or whatever else went wrong.
 */
export async function withLockPatience(
  { at, clock, signal, narrate }: Patience,
  attempt: (attempt: Attempt) => Promise<void>,
): Promise<void> {
  const started = clock.monotonicMs()
  let blockers: readonly Blocker[] = []
  for (let number = 1; ; number += 1) {
    let seen: readonly Blocker[] = []
    try {
      return await attempt({ number, sawBlockers: (some) => (seen = some) })
    } catch (error) {
      if (!isLockConflict(error)) throw error
      if (seen.length > 0) blockers = seen
    }
    signal.throwIfAborted()
    const names =
      blockers.map(({ description }) => description).join('; ') || 'a session that was gone when we looked'
    const waited = clock.monotonicMs() - started
    if (number === ATTEMPTS || waited >= GIVE_UP_MS)
      throw new UserError(
        `${lineOf({ ...at, message: `no lock after ${number} attempts` }).trim()}: ${names}`,
        {
          hint: 'End what blocks it, or run this step again at a quieter time: it goes on where it stopped.',
        },
      )
    const pause = pauseMs(number, Math.random())
    narrate(
      `${lineOf({ ...at, message: `gave way after ${lockTimeoutMs(number)} ms to ${names}` }).trim()}; attempt ${number + 1} in ${pause} ms`,
    )
    await clock.sleep(pause, signal)
    signal.throwIfAborted()
  }
}
