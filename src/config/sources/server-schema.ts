import * as v from 'valibot'
import type { ServerSettings, TlsSettings } from '../../metrics/http/server-settings.js'
import {
  duration,
  headerName,
  key,
  positiveDuration,
  requiredKey,
  secret,
  text,
  webAddress,
} from '../value-formats.js'

const PEM_PHRASE = 'the path of a PEM file, or a variable with PEM text such as "${PROMETHEUS_CLIENT_KEY}"'

/** A key in the file would be known to everybody who can read the repository. */
const pem = v.pipe(v.string(PEM_PHRASE), v.regex(/^(?!.*-----BEGIN)[\s\S]*\S/, PEM_PHRASE))

const tlsSchema = v.strictObject(
  {
    cert: key(
      pem,
      'Our certificate (mutual TLS), with `key`: path of a PEM file, or `${NAME}` with PEM text.',
    ),
    key: key(pem, 'The private key of `cert`: path of a PEM file, or `${NAME}` with PEM text.'),
    ca: key(pem, 'Whom to trust instead of the well-known authorities: path of a PEM file, or `${NAME}`.'),
  },
  'a map such as { cert: client.pem, key: "${CLIENT_KEY}", ca: ca.pem }',
)

/** How a server is asked; of every source that is one. */
export const patienceKeys = {
  headers: key(
    v.record(headerName, v.string('text; ${NAME} is filled in'), 'a map such as { X-Scope-OrgID: shop }'),
    'Headers of every request: tenants, keys. `${NAME}` is filled in from the environment.',
  ),
  timeout: key(positiveDuration, 'An answer that takes longer counts as none.', '10s'),
  patience: key(
    positiveDuration,
    'How long one question may take with all that is tried again after a time-out, 429 or 5xx; as long as `timeout` where that is longer and this is not given.',
    '30s',
  ),
  tls: key(tlsSchema, 'Certificates, where the well-known authorities do not suffice.'),
}

/** How we prove who we are to a server that people run themselves. At most one of the two. */
export const loginKeys = {
  basic: key(
    v.strictObject(
      {
        user: requiredKey(text('a name, or ${NAME}'), 'Name of the user.'),
        password: requiredKey(secret, 'Password, from the environment: `${NAME}`.'),
      },
      'a map such as { user: tuesday, password: "${PROMETHEUS_PASSWORD}" }',
    ),
    'Basic authentication.',
  ),
  bearer: key(secret, 'Bearer token, from the environment: `${NAME}`.'),
}

/** Required, but not of each layer: an environment may override what stands beside it. */
export const urlKey = (description: string) => key(webAddress, `${description} Required.`)

/** Two ways to log in are one too many. */
export const oneLogin = <E extends Pick<ServerEntry, 'basic' | 'bearer'>>() =>
  v.check<E, string>(
    (given) => given.basic === undefined || given.bearer === undefined,
    'either basic or bearer, whichever the server asks for',
  )

/** How long after a window its counts are complete. */
export const lagKey = (byDefault: string) =>
  key(duration, 'How long after a window its counts are complete.', byDefault)

/** When counts are there, and how far apart. The defaults are those of the source itself. */
export const rhythmKeys = (lag: string, step: string) => ({
  lag: lagKey(lag),
  step: key(positiveDuration, 'How far apart counts are: a block is a whole multiple of it.', step),
})

interface RhythmEntry {
  readonly lag?: number
  readonly step?: number
}

export function rhythmSettings({ lag, step }: RhythmEntry): { lagMs?: number; stepMs?: number } {
  return { ...(lag !== undefined && { lagMs: lag }), ...(step !== undefined && { stepMs: step }) }
}

interface PatienceEntry {
  readonly headers?: Readonly<Record<string, string>>
  readonly tls?: TlsSettings
  readonly timeout?: number
  readonly patience?: number
}

export function patienceSettings({
  headers,
  tls,
  timeout,
  patience,
}: PatienceEntry): Omit<ServerSettings, 'url' | 'basic' | 'bearer' | 'secrets'> {
  return {
    ...(headers !== undefined && { headers }),
    ...(tls !== undefined && { tls }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(patience !== undefined && { patienceMs: patience }),
  }
}

/** What the keys of a server hold that people run themselves; variables may be filled in or not. */
export interface ServerEntry extends PatienceEntry {
  readonly url?: string
  readonly basic?: { readonly user: string; readonly password: string }
  readonly bearer?: string
}

/** What `required-settings.ts` has found to be there. */
export function needed<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('settings of a source were used without being checked')
  return value
}

/** What the HTTP client of the sources takes. */
export function serverSettings(entry: ServerEntry): ServerSettings {
  const { basic, bearer } = entry
  return {
    url: needed(entry.url),
    ...(basic !== undefined && { basic: { username: basic.user, password: basic.password } }),
    ...(bearer !== undefined && { bearer }),
    ...patienceSettings(entry),
  }
}
