import { TransientError } from '../../rollout/ports/transient-error.js'
import { messageOf, UserError } from '../../rollout/user-error.js'
import { TooLate } from './exchange.js'

/** Codes of connections that may work the next time. */
const PASSING: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EAI_AGAIN: 'its name could not be looked up (DNS did not answer)',
}

const CERTIFICATE_HINT =
  'Set tls.ca to the authority that signed the certificate of this server, as PEM text or a file.'
const CLIENT_HINT =
  'If this server wants a client certificate, set tls.cert and tls.key to one that it trusts.'

/** Codes that stay until somebody changes something, in words and with what mends them. */
const LASTING: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOTFOUND: [
    'there is no such host',
    'Correct the name in url; can this runner see the network that it is in?',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', CERTIFICATE_HINT],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate is signed by an authority of its own', CERTIFICATE_HINT],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate is signed by an unknown authority', CERTIFICATE_HINT],
  UNABLE_TO_GET_ISSUER_CERT: ['its certificate is signed by an unknown authority', CERTIFICATE_HINT],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its certificate is signed by an unknown authority', CERTIFICATE_HINT],
  CERT_SIGNATURE_FAILURE: ['its certificate is not signed by the authority in tls.ca', CERTIFICATE_HINT],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Renew the certificate of the server.'],
  CERT_NOT_YET_VALID: [
    'its certificate is not valid yet',
    'Look at the clocks of the server and of this runner.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another name',
    'Use a name in url that the certificate has.',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'it does not speak TLS',
    'Write http:// in url, or the port that speaks TLS.',
  ],
}

/**
 * What it means that no answer came: TransientError if asking again may help, else UserError. Others stay what they are.
 * @param tls whether it was a TLS connection: some servers close it, without a word, on those who have no certificate
 */
export function lostConnection(who: string, thrown: unknown, tls: boolean): unknown {
  if (thrown instanceof UserError) return new UserError(`${who}: ${thrown.message}`, hintOf(thrown))
  if (thrown instanceof TooLate) return new TransientError(`${who}: ${thrown.message}`, { cause: thrown })
  const code = codeOf(thrown)
  if (code === undefined) return thrown
  const lasting = LASTING[speaksNoTls(code, thrown) ? 'ERR_SSL_WRONG_VERSION_NUMBER' : code]
  if (lasting !== undefined) {
    const [what, hint] = lasting
    return new UserError(`${who}: ${what}`, { hint, cause: thrown })
  }
  if (code.startsWith('HPE_')) {
    const hint = 'Look at url: is https:// wanted, or another port?'
    return new UserError(`${who}: the answer is not HTTP (${code})`, { hint, cause: thrown })
  }
  if (/^ERR_SSL.*ALERT.*(?:CERTIFICATE|UNKNOWN_CA|HANDSHAKE)/.test(code)) {
    const what = `it wants a client certificate that it trusts (${code})`
    return new UserError(`${who}: ${what}`, { hint: CLIENT_HINT, cause: thrown })
  }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return new UserError(`${who}: the TLS connection failed (${code})`, { hint: CLIENT_HINT, cause: thrown })
  }
  if (tls && code === 'ECONNRESET') {
    const what = 'the connection was reset (does it want a client certificate, tls.cert and tls.key?)'
    return new TransientError(`${who}: ${what}`, { cause: thrown })
  }
  const what = PASSING[code] ?? `${messageOf(thrown)} (${code})`
  return new TransientError(`${who}: ${what}`, { cause: thrown })
}

/** Node tells most failures of the handshake by one code; what OpenSSL says is in the message. */
function speaksNoTls(code: string, thrown: unknown): boolean {
  return code === 'EPROTO' && /wrong version number|packet length too long/.test(messageOf(thrown))
}

function hintOf({ hint }: UserError): { hint?: string } {
  return hint === undefined ? {} : { hint }
}

/** The system's code; of several addresses that were tried, that of the first. */
function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  return thrown instanceof AggregateError ? codeOf(thrown.errors[0]) : undefined
}
