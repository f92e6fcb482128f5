import type { Blocker } from './blockers.js'
import type { MigrationClock } from './clock.js'
import type { DatabaseUrl } from './database-url.js'
import type { MigrationRecord } from './record.js'
import type { Session } from './session.js'

/** What applying a migration needs: where it works, where it writes it down, and whom it tells. */
export interface Workplace {
  /** Holds the runner lock; everything is done in it. */
  readonly session: Session
  readonly record: MigrationRecord
  readonly url: DatabaseUrl
  readonly clock: MigrationClock
  readonly signal: AbortSignal
  readonly narrate: (line: string) => void
  /** Who makes `session` wait right now. */
  readonly look: () => Promise<readonly Blocker[]>
}
