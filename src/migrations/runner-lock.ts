import { UserError } from '../rollout/user-error.js'
import type { MigrationClock } from './clock.js'
import type { Session } from './session.js'
import { shownLine } from './shown-text.js'

/** The two halves of our advisory lock: `tues`, `day1` in letters. Advisory locks are of one database each. */
const CLASS = 0x74756573
const OBJECT = 0x64617931

const POLL_MS = 1_000
const SAY_EVERY_MS = 30_000
export const LOCK_WAIT_MS = 5 * 60_000

/** SQL that is true while this session holds the lock. */
export const HOLDS_RUNNER_LOCK = `exists (select from pg_catalog.pg_locks where locktype = 'advisory' and granted
  and pid = pg_catalog.pg_backend_pid() and classid = ${CLASS} and objid = ${OBJECT} and objsubid = 2)`

interface Waiting {
  readonly clock: MigrationClock
  readonly signal: AbortSignal
  readonly narrate: (line: string) => void
}

/**
 * Makes this session the only one that migrates the database. It asks again and again instead of waiting in line: a
 * session that waits for an advisory lock deadlocks with CREATE INDEX CONCURRENTLY, which waits for every session. The
 * lock goes with the connection, so a killed run leaves none behind.
 *
 * @throws UserError naming the holder after five minutes, or where a connection pooler makes such a lock worthless.
 */
export async function takeRunnerLock(session: Session, { clock, signal, narrate }: Waiting): Promise<void> {
  const started = clock.monotonicMs()
  let nextWord = 0
  for (;;) {
    const [row] = await session.run(`select pg_try_advisory_lock(${CLASS}, ${OBJECT}) as taken`)
    if (row?.['taken'] === true) return await requireDirect(session)
    const waited = clock.monotonicMs() - started
    const holder = await holderOf(session)
    if (waited >= LOCK_WAIT_MS)
      throw new UserError(`another run has been migrating this database for over five minutes: ${holder}`, {
        hint: 'Wait until it is done and run this step again.',
      })
    if (waited >= nextWord) {
      narrate(`another run is migrating this database: ${holder}; waiting, five minutes at most`)
      nextWord = waited + SAY_EVERY_MS
    }
    await clock.sleep(POLL_MS, signal)
    signal.throwIfAborted()
  }
}

async function holderOf(session: Session): Promise<string> {
  const [row] = await session.run(`
    select a.pid, a.application_name as name, extract(epoch from now() - a.backend_start)::int as seconds
    from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and l.classid = ${CLASS} and l.objid = ${OBJECT} and l.objsubid = 2
      and l.database = (select oid from pg_catalog.pg_database where datname = current_database())`)
  if (row === undefined) return 'it has just ended'
  return `${shownLine(String(row['name']))}, process ${String(row['pid'])} of the server, connected for ${String(row['seconds'])}s`
}

/** Behind a pooler that hands out servers by transaction, the next statement may run where no lock is held. */
async function requireDirect(session: Session): Promise<void> {
  const [row] = await session.run(`select pg_backend_pid() as pid, ${HOLDS_RUNNER_LOCK} as held`)
  if (row?.['held'] === true && row['pid'] === session.pid) return
  throw new UserError(
    'the database URL leads through a connection pooler that changes sessions between statements',
    {
      hint: 'Give the direct address of the server, or of a pooler in session mode.',
    },
  )
}
