import { afterEach, describe, expect, it } from '@jest/globals'
import { MetricsServer } from '../../../src/metrics/http/metrics-server.js'
import type { ServerSettings } from '../../../src/metrics/http/server-settings.js'
import { VirtualClock } from '../../memory/virtual-clock.js'
import { json, ScriptedServer, text, type Reply } from './scripted-server.js'

const open: ScriptedServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function scripted(...replies: readonly Reply[]): Promise<{ readonly url: string }> {
  const server = new ScriptedServer([...replies])
  open.push(server)
  return { url: await server.listen() }
}

function client(settings: ServerSettings): MetricsServer {
  const context = { clock: new VirtualClock(), signal: new AbortController().signal, service: 'shop' }
  return new MetricsServer('source', settings, { ...context, warn: () => undefined })
}

function failureOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => undefined,
    (reason: unknown) => reason,
  )
}

describe('a refusal', () => {
  it.each([
    ['/api/v1', '/api/v1'],
    ['/prometheus/api/v1/', '/api/v1'],
    ['/api/v1/query', '/api/v1/query'],
    ['/graph', '/graph'],
  ])('of an address that says too much tells what to leave out: %s', async (prefix, twice) => {
    const { url } = await scripted(text('404 page not found', 404))
    const failure = await failureOf(client({ url: `${url}${prefix}` }).json({ path: '/api/v1/query?key=x' }))
    expect(failure).toMatchObject({
      hint: `Leave ${twice} out of url: it is the address to which /api/v1/query is appended.`,
    })
  })

  it('of somebody unknown says that nothing is set by which to be known', async () => {
    const { url } = await scripted(json({}, 401), json({}, 401))
    const hint = 'No credentials are set for this source'
    const unknown = await failureOf(client({ url }).json({ path: '/' }))
    expect(unknown).toMatchObject({ hint: expect.stringContaining(hint) })
    const key = { 'DD-API-KEY': 'wrong-key' }
    const known = await failureOf(client({ url }).json({ path: '/', headers: key }))
    expect(known).toMatchObject({ hint: expect.not.stringContaining(hint) })
  })
})
