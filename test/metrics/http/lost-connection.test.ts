import { describe, expect, it } from '@jest/globals'
import { lostConnection } from '../../../src/metrics/http/lost-connection.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { UserError } from '../../../src/rollout/user-error.js'

const withCode = (code: string): Error => Object.assign(new Error('what the system says'), { code })

describe('a connection that was lost', () => {
  it.each([
    ['ENOTFOUND', 'there is no such host', /Correct the name in url/],
    ['CERT_HAS_EXPIRED', 'its certificate has expired', /Renew/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name', /Use a name in url/],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by an authority of its own', /tls\.ca/],
    ...['TLSV13_ALERT_CERTIFICATE_REQUIRED', 'SSL/TLS_ALERT_BAD_CERTIFICATE', 'TLSV1_ALERT_UNKNOWN_CA'].map(
      (alert): [string, string, RegExp] => [
        `ERR_SSL_${alert}`,
        `it wants a client certificate that it trusts (ERR_SSL_${alert})`,
        /set tls\.cert and tls\.key/,
      ],
    ),
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS', /http:\/\//],
    ['EPROTO', 'the TLS connection failed (EPROTO)', /tls\.cert/],
    ['HPE_INVALID_CONSTANT', 'the answer is not HTTP (HPE_INVALID_CONSTANT)', /Look at url/],
  ])('for good is told to the user: %s', (code, told, hint) => {
    const error = lostConnection('x at y', withCode(code), true)
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({ message: `x at y: ${told}`, hint: expect.stringMatching(hint) })
  })

  it.each([
    ['ECONNREFUSED', 'the connection was refused'],
    ['ECONNRESET', 'the connection was reset'],
    ['EAI_AGAIN', 'its name could not be looked up (DNS did not answer)'],
    ['EMFILE', 'what the system says (EMFILE)'],
  ])('for a moment may be asked for again: %s', (code, told) => {
    const error = lostConnection('x at y', withCode(code), false)
    expect(error).toBeInstanceOf(TransientError)
    expect(error).toMatchObject({ message: `x at y: ${told}` })
  })

  it('at several addresses is told as the first of them', () => {
    const error = lostConnection(
      'x',
      new AggregateError([withCode('ECONNREFUSED'), withCode('ENOTFOUND')]),
      false,
    )
    expect(error).toMatchObject({ message: 'x: the connection was refused' })
  })

  it('that no system lost is a bug, and stays one', () => {
    const bug = new TypeError('undefined is not a function')
    expect(lostConnection('x', bug, false)).toBe(bug)
  })
})
