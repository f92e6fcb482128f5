import { UserError, messageOf } from '../rollout/user-error.js'
import type { DatabaseUrl } from './database-url.js'
import { shownLine } from './shown-text.js'

/** SQLSTATE of the server, or code of the system or of the client library. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

/** Another session holds the lock, or both wait for each other: nothing is wrong with the statement. */
export function isLockConflict(error: unknown): boolean {
  return codeOf(error) === '55P03' || codeOf(error) === '40P01'
}

const GONE = [
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]

/** The connection is no more: whether the last statement was done is for the record to say. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  return GONE.includes(code) || ['57P01', '57P02', '57P03'].includes(code) || code.startsWith('08')
}

/** What a server said, on one line, without anything of the address. */
export function serverMessage(error: unknown, { redact }: DatabaseUrl): string {
  const code = codeOf(error)
  return shownLine(redact(`${messageOf(error)}${code === '' ? '' : ` (${code})`}`))
}

/**
 * Why no session came about. The client's and the server's own words name host, user and database, so they are not
 * repeated, and neither are they kept as cause.
 */
export function connectionProblem(error: unknown, url: DatabaseUrl): UserError {
  const code = codeOf(error)
  if (/SSL|TLS|CERT|SIGNATURE/i.test(code) || (url.asksForTls && isConnectionLost(error)))
    return new UserError(
      `migrate: no encrypted connection to the database came about (${code || 'no reason given'})`,
      {
        hint: 'Check sslmode in the database URL; a certificate authority of your own is trusted by NODE_EXTRA_CA_CERTS.',
      },
    )
  const known = CONNECTION_PROBLEMS.find(([codes]) => codes.includes(code))
  if (known !== undefined) return new UserError(`migrate: ${known[1]} (${code})`, { hint: known[2] })
  return new UserError(`migrate: the database did not let us in (${code || messageOf(error).slice(0, 80)})`, {
    hint: 'Check the database URL and the server’s log.',
  })
}

const CHECK_ADDRESS = 'Check host and port in the database URL, and that the runner may reach them.'
const CHECK_LOGIN =
  'Check user and password in the database URL, and pg_hba.conf; escape special characters in the password.'

const CONNECTION_PROBLEMS: readonly (readonly [readonly string[], string, string])[] = [
  [['ECONNREFUSED'], 'nothing listens at the address of the database', CHECK_ADDRESS],
  [['ENOTFOUND', 'EAI_AGAIN'], 'the host of the database has no address', CHECK_ADDRESS],
  [
    ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'CONNECT_TIMEOUT'],
    'the database does not answer',
    CHECK_ADDRESS,
  ],
  [['28P01'], 'the database refused the password', CHECK_LOGIN],
  [
    ['28000'],
    'the database refused this user, or asks for an encrypted connection',
    `${CHECK_LOGIN} Encryption: add sslmode=require.`,
  ],
  [['3D000'], 'the server has no database of that name', 'Check the end of the database URL.'],
  [['42501'], 'this user may not connect to that database', 'GRANT CONNECT ON DATABASE … TO …'],
  [['53300'], 'the server has no connection left', 'Run again later, or raise max_connections.'],
  [['57P03'], 'the server is starting up or shutting down', 'Run again in a moment.'],
  [
    ['CONNECTION_CLOSED', 'ECONNRESET', '08P01'],
    'the connection was closed before the login: is that a PostgreSQL server?',
    CHECK_ADDRESS,
  ],
]
