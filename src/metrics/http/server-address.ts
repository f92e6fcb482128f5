import { UserError } from '../../rollout/user-error.js'
import { decoded } from './decoded.js'
import type { ServerSettings } from './server-settings.js'

/** Where a server is, and what is sent with every request. */
export interface ServerAddress {
  readonly protocol: string
  /** Origin and path, for messages: without user, password and query. */
  readonly shown: string
  /** The path of the settings: `/prometheus`, or nothing. */
  readonly prefix: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether anything in the settings could prove who asks. */
  readonly isKnown: boolean
  /** The address of a path below the prefix. */
  of(path: string, query?: Readonly<Record<string, string>> | URLSearchParams): URL
}

/** Reads the address of a server. @throws UserError if it is none, or if it says twice who we are */
export function serverAddress(source: string, settings: ServerSettings): ServerAddress {
  const url = urlOf(source, settings.url)
  const headers = asSent({ ...settings.headers })
  const basic = settings.basic ?? basicOf(url)
  const ways = [
    ...(basic === undefined ? [] : ['basic']),
    ...(settings.bearer === undefined ? [] : ['bearer']),
    ...(headers['authorization'] === undefined ? [] : ['the header Authorization']),
  ]
  if (ways.length > 1) {
    throw new UserError(`${source} is given ${ways.join(' and ')}; allowed: one of them`)
  }
  for (const [name, value] of Object.entries(headers)) refuseUnsendable(source, `the header ${name}`, value)
  refuseUnsendable(source, 'bearer', settings.bearer?.trim() ?? '')
  const prefix = url.pathname.replace(/\/+$/, '')
  return {
    protocol: url.protocol,
    shown: `${url.origin}${prefix}`,
    prefix,
    headers: { ...headers, ...authorization(basic, settings.bearer) },
    isKnown:
      ways.length > 0 ||
      Object.keys(headers).length > 0 ||
      settings.tls?.cert !== undefined ||
      url.search !== '',
    of: (path, query) => addressOf(url, prefix, path, query),
  }
}

function urlOf(source: string, given: string): URL {
  const hint = 'Give an address such as https://prometheus.example:9090, with its path prefix if it has one.'
  if (!URL.canParse(given)) throw new UserError(`${source}: url is no address`, { hint })
  const url = new URL(given)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UserError(`${source}: url begins with ${url.protocol}; allowed: https: and http:`, { hint })
  }
  return url
}

/** What is in the query of the address goes along with every request. */
function addressOf(
  base: URL,
  prefix: string,
  path: string,
  query?: Readonly<Record<string, string>> | URLSearchParams,
): URL {
  const url = new URL(base.origin)
  const [pathname = '', search = ''] = path.split(/\?(.*)/s)
  url.pathname = `${prefix}${pathname}`
  for (const part of [base.search, search, query]) {
    for (const [name, value] of new URLSearchParams(part)) url.searchParams.append(name, value)
  }
  return url
}

function basicOf({ username, password }: URL): ServerSettings['basic'] {
  if (username === '' && password === '') return undefined
  return { username: decoded(username), password: decoded(password) }
}

function authorization(basic: ServerSettings['basic'], bearer: string | undefined): Record<string, string> {
  if (basic !== undefined) {
    const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64')
    return { authorization: `Basic ${pair}` }
  }
  return bearer === undefined ? {} : { authorization: `Bearer ${bearer.trim()}` }
}

/** Secrets are often stored with the line break that ended them. */
function asSent(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]),
  )
}

/** Node would refuse it too, but would show it. */
function refuseUnsendable(source: string, what: string, value: string): void {
  if (!/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value)) return
  throw new UserError(`${source}: ${what} holds a line break or another sign that no header can hold`, {
    hint: 'Is the secret stored with more in it than the key itself?',
  })
}
