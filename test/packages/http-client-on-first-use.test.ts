import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from '@jest/globals'
import * as core from '@actions/core'

/** Answers as GitHub's token endpoint does, and once with a 503 before that when asked to. */
const tokenEndpoint = async (refusals: number) => {
  const seen: { url: string | undefined; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization })
    if (seen.length <= refusals) response.writeHead(503).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"value":"a.signed.token"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { seen, url: `http://127.0.0.1:${port}/token?api-version=2.0`, close: () => server.close() }
}

describe('the HTTP client on first use', () => {
  const opened: { close: () => void }[] = []
  afterEach(() => {
    delete process.env['ACTIONS_ID_TOKEN_REQUEST_URL']
    delete process.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']
    for (const server of opened.splice(0)) server.close()
  })

  it('is what @actions/core gets', () => {
    const resolved = import.meta.resolve('@actions/http-client', import.meta.resolve('@actions/core'))
    expect(resolved).toContain('http-client-on-first-use')
  })

  it('fetches an OIDC token with audience and bearer, retrying a 503 as the real client does', async () => {
    const endpoint = await tokenEndpoint(1)
    opened.push(endpoint)
    process.env['ACTIONS_ID_TOKEN_REQUEST_URL'] = endpoint.url
    process.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] = 'request-token'
    await expect(core.getIDToken('sts.example.com')).resolves.toBe('a.signed.token')
    expect(endpoint.seen).toHaveLength(2)
    expect(endpoint.seen[1]).toEqual({
      url: '/token?api-version=2.0&audience=sts.example.com',
      authorization: 'Bearer request-token',
    })
  })

  it('names the missing permission as core does when there is no token endpoint', async () => {
    await expect(core.getIDToken()).rejects.toThrow('ACTIONS_ID_TOKEN_REQUEST_URL')
  })

  it('has every method of the real client that can be asynchronous', async () => {
    const { HttpClient: Real } = await import('actions-http-client')
    const { HttpClient: Lazy } = await import('@actions/http-client')
    const answersAtOnce = ['constructor', 'requestRawWithCallback', 'getAgent', 'getAgentDispatcher']
    const offered = Object.getOwnPropertyNames(Real.prototype).filter(
      (name) => !name.startsWith('_') && !answersAtOnce.includes(name),
    )
    expect(Object.getOwnPropertyNames(Lazy.prototype)).toEqual(expect.arrayContaining(offered))
    expect(offered.length).toBeGreaterThan(10)
  })

  it('carries the version of the client that it loads, so that npm resolves core to it', () => {
    const own = JSON.parse(readFileSync('packages/http-client-on-first-use/package.json', 'utf8'))
    const real = JSON.parse(readFileSync('node_modules/actions-http-client/package.json', 'utf8'))
    expect(own.version).toBe(real.version)
    expect(own.dependencies['actions-http-client']).toBe(`npm:@actions/http-client@${real.version}`)
  })
})
