import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerSettings } from '../../../src/metrics/http/server-settings.js'
import { openPrometheus } from '../../../src/metrics/prometheus/prometheus.js'
import { RUNNER_CLOCK } from '../../../src/workflow/runner-clock.js'
import { Authority } from '../../metrics/http/test-certificates.js'
import { RealPrometheus } from './real-prometheus.js'

const authority = new Authority('Authority of a test')
const other = new Authority('Another authority')
let folder: string
let prometheus: RealPrometheus

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tuesday-certificates-'))
  const server = authority.issue('localhost')
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  prometheus = await RealPrometheus.start([], '1s', {
    tls_server_config: {
      cert_file: await file('server.pem', server.cert),
      key_file: await file('server.key', server.key),
      client_ca_file: await file('ca.pem', authority.cert),
      client_auth_type: 'RequireAndVerifyClientCert',
    },
    // bcrypt of "correct horse", as `htpasswd -nBC 4` writes it.
    basic_auth_users: { tuesday: '$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e' },
  })
})
afterAll(async () => {
  await prometheus.dispose()
  await rm(folder, { recursive: true })
})

function ask(settings: Omit<ServerSettings, 'url'>): Promise<Date> | undefined {
  const context = {
    clock: RUNNER_CLOCK,
    signal: new AbortController().signal,
    service: 'shop',
    warn: () => undefined,
  }
  return openPrometheus({ url: prometheus.url, patienceMs: 1_000, ...settings }, context).now?.()
}

const basic = { username: 'tuesday', password: 'correct horse' }

describe('a real Prometheus that wants a client certificate and a password', () => {
  it('answers those who have both', async () => {
    const tls = { ...authority.issue('tuesday'), ca: authority.cert }
    expect(Math.abs(((await ask({ tls, basic }))?.getTime() ?? NaN) - Date.now())).toBeLessThan(5_000)
  })

  it('refuses those without a certificate, or with one of somebody else, and we say what to set', async () => {
    await expect(ask({ tls: { ca: authority.cert }, basic })).rejects.toThrow(/client certificate/)
    await expect(ask({ tls: { ...other.issue('tuesday'), ca: authority.cert }, basic })).rejects.toThrow(
      /client certificate/,
    )
  })

  it('is not trusted without its authority', async () => {
    await expect(ask({ tls: authority.issue('tuesday'), basic })).rejects.toMatchObject({
      message: expect.stringContaining('signed by an unknown authority'),
      hint: expect.stringContaining('tls.ca'),
    })
  })

  it('refuses a wrong password without our showing it', async () => {
    const tls = { ...authority.issue('tuesday'), ca: authority.cert }
    const wrong = ask({ tls, basic: { ...basic, password: 'wrong battery' } })
    await expect(wrong).rejects.toThrow(/answered 401: "Unauthorized"/)
    await expect(wrong).rejects.not.toThrow(/battery/)
  })
})
