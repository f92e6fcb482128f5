import { UserError } from '../rollout/user-error.js'

const HINT = 'Give postgres://user:password@host:5432/database, from a secret.'

/** Keys that other clients put into such an address and that mean nothing to the server. */
const OF_OTHER_CLIENTS = [
  'schema',
  'pgbouncer',
  'connection_limit',
  'pool_timeout',
  'socket_timeout',
  'statement_cache_size',
  'channel_binding',
  'gssencmode',
  'connect_timeout',
]
const NOT_SUPPORTED = ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'passfile', 'service']

/** The address of a database. It is a secret: it is never printed, and neither is any part of it. */
export interface DatabaseUrl {
  /** What the client is given. */
  readonly url: string
  readonly asksForTls: boolean
  /** Takes the address and its password out of a text. */
  redact(text: string): string
}

/** @throws UserError that does not repeat what was given. */
export function readDatabaseUrl(given: string): DatabaseUrl {
  const [address = '', query = ''] = given.trim().split(/\?(.*)/s)
  const parts =
    /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?[^@/?#]*(?:\/[^/?#]*)?$/.exec(
      address,
    )
  if (parts === null)
    throw new UserError(
      'the database URL is not an address of PostgreSQL (it is not shown, since it is a secret)',
      {
        hint: `${HINT} Write characters such as @ / ? # in the password as %40 %2F %3F %23.`,
      },
    )
  const settings = new URLSearchParams(query)
  const unsupported = NOT_SUPPORTED.filter(
    (key) => settings.get(key) !== null && settings.get(key) !== 'system',
  )
  if (unsupported.length > 0)
    throw new UserError(`the database URL asks for ${unsupported.join(', ')}, which is not supported`, {
      hint: 'A certificate authority of your own is trusted by the environment variable NODE_EXTRA_CA_CERTS, with sslmode=verify-full.',
    })
  for (const key of OF_OTHER_CLIENTS) settings.delete(key)
  const secrets = secretsIn(given.trim(), parts.groups?.['password'])
  return {
    url: settings.size === 0 ? address : `${address}?${settings.toString()}`,
    asksForTls: ['require', 'verify-ca', 'verify-full'].includes(settings.get('sslmode') ?? ''),
    redact: (text) => secrets.reduce((kept, secret) => kept.replaceAll(secret, '***'), text),
  }
}

function secretsIn(given: string, password: string | undefined): string[] {
  const found = [given, ...(password === undefined || password === '' ? [] : [password, decoded(password)])]
  return found.sort((one, other) => other.length - one.length)
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password)
  } catch {
    throw new UserError('the password in the database URL has a % that begins no escape', {
      hint: `Write % as %25. ${HINT}`,
    })
  }
}
