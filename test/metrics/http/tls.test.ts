import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MetricsServer } from '../../../src/metrics/http/metrics-server.js'
import type { TlsSettings } from '../../../src/metrics/http/server-settings.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { VirtualClock } from '../../memory/virtual-clock.js'
import { json, ScriptedServer } from './scripted-server.js'
import { Authority } from './test-certificates.js'

const ours = new Authority('Our authority')
const theirs = new Authority('Another authority')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tuesday-tls-'))
})
afterAll(() => rm(folder, { recursive: true }))

const open: ScriptedServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function listening(tls: ServerOptions, protocol = 'https'): Promise<string> {
  const server = new ScriptedServer([json({ ok: true })], tls)
  open.push(server)
  return server.listen(protocol)
}

function ask(url: string, tls?: TlsSettings): Promise<unknown> {
  const context = {
    clock: new VirtualClock(),
    signal: new AbortController().signal,
    service: 'shop',
    workspace: folder,
  }
  const settings = { url, ...(tls && { tls }) }
  return new MetricsServer('source', settings, { ...context, warn: () => undefined }).json({ path: '/' })
}

/** Message and hint of a UserError. */
async function refusalOf(asked: Promise<unknown>): Promise<string> {
  const thrown: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (thrown instanceof UserError) return `${thrown.message} ${thrown.hint ?? ''}`
  throw new Error(`no UserError: ${String(thrown)}`)
}

describe('a server with a certificate of an authority of its own', () => {
  it('is trusted when the authority is given, as text or as a file', async () => {
    const url = await listening(ours.issue('localhost'))
    await writeFile(join(folder, 'ca.pem'), ours.cert)
    expect(await ask(url, { ca: ours.cert })).toEqual({ ok: true })
    expect(await ask(url, { ca: 'ca.pem' })).toEqual({ ok: true })
  })

  it('is not trusted otherwise, and the error says what to set', async () => {
    const url = await listening(ours.issue('localhost'))
    expect(await refusalOf(ask(url))).toMatch(/certificate is signed by an unknown authority Set tls\.ca/)
    expect(await refusalOf(ask(url, { ca: theirs.cert }))).toMatch(/tls\.ca/)
  })

  it('is not trusted when its certificate has expired or speaks no TLS', async () => {
    const expired = await listening(ours.issue('localhost', { days: -1 }))
    expect(await refusalOf(ask(expired, { ca: ours.cert }))).toMatch(/certificate has expired/)
    const plain = new ScriptedServer([json({})])
    open.push(plain)
    expect(await refusalOf(ask(await plain.listen('https')))).toMatch(
      /it does not speak TLS Write http:\/\/ in url/,
    )
  })
})

describe('a server that wants to know who asks by certificate', () => {
  const wanting = (): ServerOptions => ({
    ...ours.issue('localhost'),
    ca: ours.cert,
    requestCert: true,
    rejectUnauthorized: true,
  })

  it('answers those who have one', async () => {
    const url = await listening(wanting())
    const { cert, key } = ours.issue('tuesday')
    await writeFile(join(folder, 'key.pem'), key)
    expect(await ask(url, { cert, key, ca: ours.cert })).toEqual({ ok: true })
    expect(await ask(url, { cert, key: join(folder, 'key.pem'), ca: ours.cert })).toEqual({ ok: true })
  })

  it('refuses everybody else, and the error says what that may be for', async () => {
    const url = await listening(wanting())
    // It depends on the versions of TLS on both sides whether it says so or only closes the connection.
    await expect(ask(url, { ca: ours.cert })).rejects.toThrow(/wants? a client certificate/)
    const stranger = { ...theirs.issue('stranger'), ca: ours.cert }
    await expect(ask(url, stranger)).rejects.toThrow(/client certificate/)
  })
})

describe('certificates that cannot be used', () => {
  const { cert, key } = ours.issue('tuesday')
  it.each([
    [{ cert }, /tls\.key is missing/],
    [{ key }, /tls\.cert is missing/],
    [{ cert, key: '' }, /tls\.key is empty/],
    [
      { cert, key: 'MIGHAgEAMBMG-secret' },
      /tls\.key is neither PEM text nor a file that can be read \(ENOENT\)/,
    ],
    [{ cert, key: ours.issue('other').key }, /certificate, key and ca cannot be used together/],
  ])('are told before anything is sent: %#', async (tls, told) => {
    const refusal = await refusalOf(ask('https://127.0.0.1:1', tls))
    expect(refusal).toMatch(told)
    expect(refusal).not.toMatch(/secret|MIGH/)
  })

  it('are told when a file has something else in it', async () => {
    await writeFile(join(folder, 'other.txt'), 'secret')
    expect(await refusalOf(ask('https://127.0.0.1:1', { ca: 'other.txt' }))).toMatch(
      /tls\.ca names a file without PEM/,
    )
  })
})
