import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Testimony, VersionMark } from '../../src/rollout/ports/witness.js'
import { HttpWitness } from '../../src/witness/http-witness.js'

const header: VersionMark = { kind: 'header', name: 'X-Version' }
const never = new AbortController().signal

describe('a witness over HTTP', () => {
  let server: Server
  let answering: RequestListener
  /** The port of the client that each request came from, and its cookie. */
  let seen: { port: number | undefined; cookie: string | undefined }[]
  let witness: HttpWitness

  beforeEach(async () => {
    seen = []
    answering = (_request, response) => response.writeHead(200, { 'x-version': 'v1' }).end('hello')
    server = createServer((request: IncomingMessage, response) => {
      seen.push({ port: request.socket.remotePort, cookie: request.headers.cookie })
      void answering(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    witness = of(header)
  })
  afterEach(async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  })

  const of = (version: VersionMark): HttpWitness =>
    new HttpWitness({ url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), version })
  const newcomer = (): Promise<Testimony> => witness.ask({ kind: 'newcomer' }, never)
  const returning = (cookie: string): Promise<Testimony> => witness.ask({ kind: 'returning', cookie }, never)

  it('sends each newcomer on a connection of its own and without a cookie', async () => {
    answering = (_request, response) =>
      response.writeHead(200, { 'x-version': 'v1', 'set-cookie': `bucket=${seen.length}; Path=/` }).end()
    const testimonies = [
      await newcomer(),
      await newcomer(),
      await newcomer(),
      await newcomer(),
      await newcomer(),
    ]
    expect(testimonies.map(({ version }) => version)).toEqual(Array(5).fill('v1'))
    expect(testimonies.map(({ cookie }) => cookie)).toEqual([
      'bucket=1',
      'bucket=2',
      'bucket=3',
      'bucket=4',
      'bucket=5',
    ])
    expect(new Set(seen.map(({ port }) => port)).size).toBe(5)
    expect(seen.every(({ cookie }) => cookie === undefined)).toBe(true)
  })

  it('comes back with the cookie, and on the connection that earned it', async () => {
    answering = (_request, response) =>
      response
        .writeHead(200, { 'x-version': 'v1', 'set-cookie': ['a=1; HttpOnly', `b=${seen.length}`] })
        .end()
    await newcomer()
    await newcomer()
    answering = (_request, response) => response.writeHead(200, { 'x-version': 'v2' }).end()
    expect(await returning('a=1; b=2')).toEqual({ version: 'v2', cookie: undefined })
    expect((await returning('a=1; b=2')).version).toBe('v2')
    expect(seen[2]).toEqual({ port: seen[1]?.port, cookie: 'a=1; b=2' })
    expect(seen[3]?.port).toBe(seen[1]?.port)
  })

  it('keeps connections of every version that answers, not of the first one only', async () => {
    let version = 'v1'
    answering = (_request, response) =>
      response.writeHead(200, { 'x-version': version, 'set-cookie': `n=${seen.length}` }).end()
    for (let times = 0; times < 20; times++) await newcomer()
    version = 'v2'
    await newcomer()
    await returning('n=21')
    expect(seen[21]?.port).toBe(seen[20]?.port)
    expect(await openConnections(server)).toBeLessThanOrEqual(4)
  })

  it('comes back on a new connection when the old one is gone, or there never was one', async () => {
    answering = (_request, response) =>
      response.writeHead(200, { 'x-version': 'v1', 'set-cookie': 'n=1' }).end()
    await newcomer()
    server.closeAllConnections()
    await new Promise((resolve) => setImmediate(resolve))
    expect((await returning('n=1')).version).toBe('v1')
    expect((await returning('from-the-ledger=7')).version).toBe('v1')
    expect(seen.map(({ cookie }) => cookie)).toEqual([undefined, 'n=1', 'from-the-ledger=7'])
    expect(seen[1]?.port).not.toBe(seen[0]?.port)
  })

  it('reads the version from the body by a path of members', async () => {
    answering = (_request, response) => response.end('{"build":{"version":42,"name":"x"},"version":"outer"}')
    witness = of({ kind: 'json', path: '$.build.version' })
    expect((await newcomer()).version).toBe('42')
    witness = of({ kind: 'json', path: '$.version' })
    expect((await newcomer()).version).toBe('outer')
    witness = of({ kind: 'json', path: '$.constructor.name' })
    expect((await newcomer()).version).toBeUndefined()
  })

  it('reads it by any JSON path', async () => {
    answering = (_request, response) => response.end('{"parts":[{"id":"db"},{"id":"app","v":"1.2"}]}')
    witness = of({ kind: 'json', path: "$.parts[?@.id=='app']['v']" })
    expect((await newcomer()).version).toBe('1.2')
  })

  it('knows the version of an answer with an error status too', async () => {
    answering = (_request, response) => response.writeHead(500, { 'x-version': 'v2' }).end('oops')
    expect((await newcomer()).version).toBe('v2')
  })

  it('says why it knows none', async () => {
    answering = (_request, response) => response.writeHead(404).end('nothing')
    expect(await newcomer()).toEqual({
      version: undefined,
      cookie: undefined,
      problem: 'an answer with status 404 has no version at the header X-Version',
    })
    witness = of({ kind: 'json', path: '$.version' })
    expect((await newcomer()).problem).toContain('$.version')
  })

  it('takes an answer that breaks off for none', async () => {
    answering = (_request, response) => {
      response.writeHead(200, { 'x-version': 'v1', 'content-length': '100' })
      response.write('half', () => response.destroy())
    }
    const testimony = await newcomer()
    expect(testimony.version).toBeUndefined()
    expect(testimony.problem).toMatch(/aborted|hang up|terminated/)
  })

  it('reads no body without end', async () => {
    witness = of({ kind: 'json', path: '$.version' })
    let written = 0
    answering = (_request, response) => {
      const chunk = Buffer.alloc(65_536, 32)
      const fill = (): void => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length
      }
      response.on('drain', fill)
      fill()
    }
    expect((await newcomer()).problem).toMatch(/longer than 1048576 bytes/)
    expect(written).toBeLessThan(100 * 1_048_576)
  })

  it('never rejects: nobody there, and a question that was called off', async () => {
    answering = () => {}
    const question = new AbortController()
    const asked = witness.ask({ kind: 'newcomer' }, question.signal)
    await once(server, 'request')
    question.abort()
    expect((await asked).problem).toMatch(/abort/i)
    const gone = of(header)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    expect((await gone.ask({ kind: 'newcomer' }, never)).problem).toMatch(/ECONNREFUSED/)
  })

  it('gives up after five seconds, whether nothing comes or too little', async () => {
    let dripping: NodeJS.Timeout | undefined
    answering = (request, response) => {
      if (seen.length === 1) return
      response.writeHead(200, { 'x-version': 'v1' }).flushHeaders()
      dripping = setInterval(() => response.write('.'), 100)
      request.on('close', () => clearInterval(dripping))
    }
    const testimonies = await Promise.all([newcomer(), newcomer()])
    clearInterval(dripping)
    for (const { version, problem } of testimonies) {
      expect([version, problem]).toEqual([undefined, 'no complete answer within 5 s'])
    }
  }, 15_000)
})

function openConnections(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  return promise
}
