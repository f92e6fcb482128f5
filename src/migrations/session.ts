import type { Notice, Sql } from 'postgres'
import { UserError } from '../rollout/user-error.js'
import type { MigrationClock } from './clock.js'
import { codeOf, connectionProblem } from './database-errors.js'
import type { DatabaseUrl } from './database-url.js'
import { Dialler } from './dial.js'
import type { Destinations } from './dial.js'

export type Row = Readonly<Record<string, unknown>>
export type Parameter = string | number | boolean | null

/** How long the server may take to let us in. */
const CONNECT_TIMEOUT_MS = 15_000

/** One connection to the database that never turns into another: what it has locked and begun is its own. */
export interface Session {
  /** Of the server's process. */
  readonly pid: number
  /** Runs one statement, or several without parameters. @throws an error with the server's SQLSTATE as `code`. */
  run(text: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>
  close(): Promise<void>
}

interface Opening {
  readonly url: DatabaseUrl
  readonly applicationName: string
  readonly clock: MigrationClock
  readonly onNotice?: (message: string) => void
}

/** @throws UserError that says why the database did not let us in. */
export async function openSession({ url, applicationName, clock, onNotice }: Opening): Promise<Session> {
  const { default: postgres } = await import('postgres')
  let closed = false
  const giveUp = new AbortController()
  const dialler = new Dialler(giveUp.signal)
  // A variable, since the library's types do not know `socket`, which its manual describes.
  const settings = {
    max: 1,
    prepare: false,
    fetch_types: false,
    // The library opens another connection after 30 to 60 minutes by itself, without our lock.
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: CONNECT_TIMEOUT_MS / 1_000,
    ...(url.url.includes('sslmode=') ? {} : { ssl: 'prefer' as const }),
    socket: (destinations: Destinations) => dialler.dial(destinations),
    connection: { application_name: applicationName },
    onnotice: ({ message }: Notice) => onNotice?.(message ?? ''),
    onclose: () => {
      closed = true
    },
  }
  const sql = postgres(url.url, settings)
  try {
    const [row] = await withinTime(sql.unsafe('select pg_backend_pid() as pid'), clock)
    return sessionOver(sql, Number(row?.['pid']), () => closed)
  } catch (error) {
    giveUp.abort()
    await sql.end({ timeout: 0 })
    throw connectionProblem(error, url)
  }
}

/** The library counts time for parts of the login only. */
async function withinTime<Rows>(rows: PromiseLike<Rows>, clock: MigrationClock): Promise<Rows> {
  const over = new AbortController()
  const late = clock.sleep(CONNECT_TIMEOUT_MS, over.signal).then((): never => {
    throw Object.assign(new Error('no answer in time'), { code: 'CONNECT_TIMEOUT' })
  })
  // When the rows are there first, nobody listens to what the ended sleep says.
  late.catch(() => undefined)
  try {
    return await Promise.race([rows, late])
  } finally {
    over.abort()
  }
}

function sessionOver(sql: Sql, pid: number, closed: () => boolean): Session {
  return {
    pid,
    async run(text, parameters = []) {
      // The library would connect anew, to a session that holds no lock and is in no transaction.
      if (closed()) throw Object.assign(new Error('the connection was closed'), { code: 'CONNECTION_CLOSED' })
      return await sql.unsafe(text, [...parameters])
    },
    // In a connection that is gone the library waits for an answer which cannot come.
    close: () => sql.end({ timeout: closed() ? 0 : 1 }),
  }
}

/** What the server must be, before anything is asked of it. @throws UserError where it is a copy that cannot be written. */
export async function requireWritable(session: Session): Promise<void> {
  const [row] = await session.run(
    `select pg_is_in_recovery() as replica, current_setting('transaction_read_only') as read_only`,
  )
  if (row?.['replica'] === true)
    throw new UserError('migrate: the database URL leads to a read-only replica', {
      hint: 'Give the address of the primary server.',
    })
  if (row?.['read_only'] === 'on')
    throw new UserError('migrate: transactions are read-only for this user or database', {
      hint: 'Connect as a user whose default_transaction_read_only is off.',
    })
}

/** Lets the server notice within seconds that we are gone, even while it works for us. Older ones than 14 cannot. */
export async function endWithUs(session: Session): Promise<void> {
  try {
    await session.run(`set client_connection_check_interval = '2s'`)
  } catch (error) {
    if (!['42704', '22023'].includes(codeOf(error))) throw error
  }
}
