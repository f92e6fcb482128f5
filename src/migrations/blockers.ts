import type { Session } from './session.js'
import { shownLine } from './shown-text.js'

/** A session that makes another one wait. */
export interface Blocker {
  readonly pid: number
  /** What it is, what it holds and since when, for people. No value of its statement is in it. */
  readonly description: string
}

const QUERY = `
  select a.pid, a.application_name as name, a.usename as username, a.state, a.query,
    extract(epoch from clock_timestamp() - a.xact_start)::int as seconds,
    (select string_agg(distinct l.mode || ' on ' || l.relation::regclass::text, ', ')
       from pg_catalog.pg_locks w join pg_catalog.pg_locks l
         on l.locktype = 'relation' and l.relation = w.relation and l.database = w.database and l.pid = a.pid
       where w.pid = $1 and not w.granted) as holds
  from pg_catalog.pg_stat_activity a
  where a.pid = any(pg_catalog.pg_blocking_pids($1))
  order by a.xact_start limit 5`

/**
 * Who makes the session `waiting` wait right now. Asked through another session, since the first one waits.
 * @param withoutValues takes the values out of a statement.
 */
export async function blockersOf(
  waiting: number,
  observer: Session,
  withoutValues: (sql: string) => string,
): Promise<readonly Blocker[]> {
  const rows = await observer.run(QUERY, [waiting])
  return rows.map((row) => {
    const parts = [
      `process ${String(row['pid'])}`,
      row['username'] === null ? undefined : `user ${String(row['username'])}`,
      row['name'] === '' || row['name'] === null ? undefined : String(row['name']),
      row['holds'] === null ? undefined : `holds ${String(row['holds'])}`,
      row['seconds'] === null ? undefined : `in a transaction for ${String(row['seconds'])}s`,
      row['state'] === 'active' ? undefined : String(row['state'] ?? 'in the background'),
    ]
    const statement =
      typeof row['query'] === 'string' && row['query'] !== '' ? withoutValues(row['query']) : 'unknown'
    const description = `${parts.filter((part) => part !== undefined).join(', ')}: ${shownLine(statement, 120)}`
    return { pid: Number(row['pid']), description: shownLine(description) }
  })
}

/** Looks who blocks, from time to time, while something runs. */
export class BlockerWatch {
  readonly #look: () => Promise<readonly Blocker[]>
  #timer: NodeJS.Timeout | undefined
  #pending: Promise<void> = Promise.resolve()
  #last: readonly Blocker[] = []

  /** @param onSeen is told whenever somebody blocks. */
  constructor(
    look: () => Promise<readonly Blocker[]>,
    {
      afterMs,
      everyMs,
      onSeen,
    }: { afterMs: number; everyMs?: number; onSeen?: (blockers: readonly Blocker[]) => void },
  ) {
    this.#look = look
    const glance = async (): Promise<void> => {
      const seen = await this.#look().catch((): readonly Blocker[] => [])
      if (seen.length > 0) {
        this.#last = seen
        onSeen?.(seen)
      }
      if (everyMs !== undefined && this.#timer !== undefined) plan(everyMs)
    }
    const plan = (ms: number): void => {
      this.#timer = setTimeout(() => {
        this.#pending = glance()
      }, ms)
    }
    plan(afterMs)
  }

  /** Ends it. @returns who was seen last. */
  async end(): Promise<readonly Blocker[]> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#pending
    return this.#last
  }
}
