import { describe, expect, it } from '@jest/globals'
import { redactionOf } from '../../../src/metrics/http/redaction.js'

describe('credentials of an address', () => {
  it.each(['robot:hunter2secret', 'a-token-as-name:', 'ro%40bot:hunter2%20secret'])(
    'are taken out of texts as they stand there, decoded, and as they are sent: %s',
    (proof) => {
      const redact = redactionOf({ url: `https://${proof}@host/path` })
      const decoded = decodeURIComponent(proof)
      const [name = '', password] = proof.split(':')
      for (const secret of [btoa(decoded), password === '' ? name : password])
        expect(redact(`sent ${secret ?? ''} to host`)).toBe('sent *** to host')
    },
  )

  it('are none where there are none: the text stays as it is', () => {
    expect(redactionOf({ url: 'https://host/path' })('sent nothing to host')).toBe('sent nothing to host')
  })
})
