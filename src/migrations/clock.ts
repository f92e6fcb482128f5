import type { Clock } from '../rollout/ports/clock.js'

/** Time for waits and deadlines. What is recorded carries the database's own time, so no wall clock is asked for. */
export type MigrationClock = Pick<Clock, 'monotonicMs' | 'sleep'>
