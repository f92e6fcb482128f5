import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'

import { ask } from './client.js'
import { bodyOf } from './replica-server.js'
import { Stage } from './stage.js'

describe('what passes through', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await Stage.open()
    stage.split({ blue: 100, green: 0 })
  })
  afterEach(() => stage.close())

  /** What a replica saw of one request. */
  async function seenBy(
    headers: Record<string, string>,
    method = 'GET',
    body?: string,
  ): Promise<IncomingMessage> {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
    await stage.put('blue', 'v1', (seen, response) => {
      resolve(seen)
      seen.resume().on('end', () => response.end())
    })
    await ask(stage.port, { headers, method, path: '/a%20b?c=d', ...(body === undefined ? {} : { body }) })
    return promise
  }

  it('keeps Host, path and the headers of the message, and says who asked', async () => {
    const seen = await seenBy({ host: 'shop.example', 'x-own': 'kept', cookie: 'a=b' })
    expect(seen.url).toBe('/a%20b?c=d')
    expect(seen.headers).toMatchObject({
      host: 'shop.example',
      'x-own': 'kept',
      cookie: 'a=b',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.example',
    })
  })

  it('adds to what proxies before it wrote', async () => {
    const seen = await seenBy({
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'front.example',
    })
    expect(seen.headers).toMatchObject({
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'front.example',
    })
  })

  it('leaves out the headers of the connection, those named by Connection too', async () => {
    const seen = await seenBy({
      connection: 'close, X-Hop, Host',
      'x-hop': 'mine',
      te: 'trailers',
      'keep-alive': 'timeout=9',
      'proxy-authorization': 'secret',
      'x-end-to-end': 'kept',
    })
    expect(Object.keys(seen.headers)).not.toEqual(expect.arrayContaining(['x-hop']))
    for (const name of ['x-hop', 'te', 'keep-alive', 'proxy-authorization']) {
      expect(seen.headers[name]).toBeUndefined()
    }
    expect(seen.headers['x-end-to-end']).toBe('kept')
    expect(seen.headers.host).toBe(`127.0.0.1:${stage.port}`)
    expect(seen.headers.connection).toBe('keep-alive')
  })

  it('gives a POST without a body a length and no chunks', async () => {
    const seen = await seenBy({}, 'POST')
    expect(seen.headers['content-length']).toBe('0')
    expect(seen.headers['transfer-encoding']).toBeUndefined()
  })

  it('keeps a known length, and chunks where there is none', async () => {
    expect((await seenBy({ 'content-length': '5' }, 'PUT', 'hello')).headers['content-length']).toBe('5')
    const chunked = await seenBy({ 'transfer-encoding': 'chunked' }, 'PATCH', 'hello')
    expect(chunked.headers['transfer-encoding']).toBe('chunked')
  })

  it('passes status, reason, repeated headers and the replica’s own cookies on', async () => {
    await stage.put('blue', 'v1', (_request, response) => {
      response.writeHead(418, 'Short and Stout', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-One', '1'])
      response.end('teapot')
    })
    const answer = await ask(stage.port)
    expect(answer).toMatchObject({ status: 418, body: 'teapot' })
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2', expect.stringMatching(/^tuesday-bucket=/)])
    expect(answer.headers['x-one']).toBe('1')
  })

  it('answers HEAD, 204 and 304 without a body and with the headers that came', async () => {
    await stage.put('blue', 'v1', (asked, response) => {
      if (asked.url === '/204') response.writeHead(204).end()
      else if (asked.url === '/304') response.writeHead(304, { etag: '"x"', 'content-length': '7' }).end()
      else response.writeHead(200, { 'content-length': '11' }).end()
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const head = await ask(stage.port, { method: 'HEAD', agent })
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '11', ''])
    const none = await ask(stage.port, { path: '/204', agent })
    expect([none.status, none.headers['transfer-encoding'], none.body]).toEqual([204, undefined, ''])
    const same = await ask(stage.port, { path: '/304', agent })
    expect([same.status, same.headers.etag, same.body]).toEqual([304, '"x"', ''])
    agent.destroy()
  })

  it('passes trailers both ways', async () => {
    await stage.put('blue', 'v1', async (asked, response) => {
      await bodyOf(asked)
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('body')
      response.addTrailers({ 'x-sum': asked.trailers['x-asked'] ?? 'none' })
      response.end()
    })
    const sent = request({ port: stage.port, method: 'POST', headers: { trailer: 'x-asked' } })
    sent.write('ping')
    sent.addTrailers({ 'x-asked': '42' })
    sent.end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    expect(answer.headers.trailer).toBe('x-sum')
    expect(await bodyOf(answer)).toBe('body')
    expect(answer.trailers['x-sum']).toBe('42')
  })

  it('lets the replica decide about Expect: 100-continue', async () => {
    const replica = await stage.put('blue', 'v1', async (asked, response) =>
      response.end(await bodyOf(asked)),
    )
    const post = async (): Promise<{ continued: boolean; answer: IncomingMessage }> => {
      const sent = request({ port: stage.port, method: 'POST', headers: { expect: '100-continue' } })
      let continued = false
      sent.on('continue', () => {
        continued = true
        sent.end('the body')
      })
      sent.flushHeaders()
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      if (!continued) sent.destroy()
      return { continued, answer }
    }
    const welcome = await post()
    expect(welcome.continued).toBe(true)
    expect(await bodyOf(welcome.answer)).toBe('the body')

    replica.server.on('checkContinue', (_asked, response: ServerResponse) => response.writeHead(413).end())
    const refused = await post()
    expect(refused.continued).toBe(false)
    expect([refused.answer.statusCode, refused.answer.headers.connection]).toEqual([413, 'close'])
  })

  it('passes early hints on', async () => {
    await stage.put('blue', 'v1', (_asked, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('page'))
    })
    const sent = request({ port: stage.port })
    const hint = once(sent, 'information')
    const response = once(sent, 'response')
    sent.end()
    const [{ statusCode, headers }] = (await hint) as [{ statusCode: number; headers: { link: string } }]
    expect([statusCode, headers.link]).toEqual([103, '</style.css>; rel=preload'])
    const [answer] = (await response) as [IncomingMessage]
    expect(await bodyOf(answer)).toBe('page')
  })

  it('streams: the head and each part arrive while the rest is still to come', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>()
    await stage.put('blue', 'v1', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      resolve(response)
    })
    const sent = request({ port: stage.port }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const source = await asked
    for (const part of ['data: 1\n\n', 'data: 2\n\n']) {
      source.write(part)
      const [chunk] = (await once(answer, 'data')) as [Buffer]
      expect(chunk.toString()).toBe(part)
    }
    source.end()
    await once(answer, 'end')
  })

  it('streams a request’s body before it is complete', async () => {
    const { promise: first, resolve } = Promise.withResolvers<string>()
    await stage.put('blue', 'v1', async (asked, response) => {
      asked.once('data', (chunk: Buffer) => resolve(chunk.toString()))
      asked.on('end', () => response.end('done'))
    })
    const sent = request({ port: stage.port, method: 'POST' })
    sent.write('one')
    expect(await first).toBe('one')
    sent.end('two')
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    expect(await bodyOf(answer)).toBe('done')
  })

  it('carries 32 MB each way unharmed, for a reader that takes its time', async () => {
    const big = randomBytes(32 * 1024 * 1024)
    await stage.put('blue', 'v1', (asked, response) => asked.pipe(response))
    const sent = request({ port: stage.port, method: 'POST', headers: { 'content-length': big.length } })
    sent.end(big)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const hash = createHash('sha256')
    let length = 0
    for await (const chunk of answer) {
      hash.update(chunk as Buffer)
      length += (chunk as Buffer).length
      if (length % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(length).toBe(big.length)
    expect(hash.digest('hex')).toBe(createHash('sha256').update(big).digest('hex'))
  })

  it('does not read ahead of a reader that has stopped', async () => {
    let written = 0
    const { promise: full, resolve } = Promise.withResolvers<void>()
    await stage.put('blue', 'v1', (_asked, response) => {
      const chunk = Buffer.alloc(1024 * 1024)
      const fill = (): void => {
        for (; written < 400; written++) if (!response.write(chunk)) break
        if (written >= 400) response.end()
      }
      response.on('drain', fill)
      fill()
      // No event tells of a drain that does not come; buffers of two sockets are full long before 400 MB.
      const stalled = setInterval(() => {
        if (response.writableNeedDrain) resolve()
      }, 50)
      response.on('close', () => clearInterval(stalled))
    })
    const sent = request({ port: stage.port }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    await full
    expect(written).toBeLessThan(200)
    answer.destroy()
  })

  it('tells the replica when the client has gone', async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    await stage.put('blue', 'v1', (_asked, response) => {
      response.on('close', resolve)
      arrive()
    })
    const sent = request({ port: stage.port }).end()
    sent.on('error', () => {})
    await arrived
    expect(stage.forwarder.remaining('blue')).toBe(1)
    sent.destroy()
    await gone
    expect(stage.forwarder.remaining('blue')).toBe(0)
  })

  it('shows the client that an answer broke off', async () => {
    await stage.put('blue', 'v1', (_asked, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    await expect(ask(stage.port)).rejects.toThrow(/aborted|hang up/)
  })

  it('speaks HTTP/1.0 with those who do: no chunks', async () => {
    await stage.put('blue', 'v1', (_asked, response) => {
      response.write('part one, ')
      response.end('part two')
    })
    const socket = connect(stage.port, '127.0.0.1')
    socket.write('GET / HTTP/1.0\r\nHost: x\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text.toLowerCase()).not.toContain('transfer-encoding')
    expect(text.split('\r\n\r\n')[1]).toBe('part one, part two')
  })

  it('refuses a message with two framings, and a coding that it does not know', async () => {
    const replica = await stage.put('blue', 'v1')
    const status = async (head: string): Promise<string | undefined> => {
      const socket = connect(stage.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.end(`POST / HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n0\r\n\r\n`)
      let text = ''
      for await (const chunk of socket) text += String(chunk)
      return /^HTTP\/1.1 (\d+)/.exec(text)?.[1]
    }
    expect(await status('Content-Length: 5\r\nTransfer-Encoding: chunked')).toBe('400')
    expect(await status('Transfer-Encoding: gzip, chunked')).toBe('501')
    expect(replica.seen).toEqual([])
  })
})
