import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'

import { ask } from './client.js'
import type { ReplicaServer } from './replica-server.js'
import { Stage } from './stage.js'

describe('websockets', () => {
  let stage: Stage
  let replica: ReplicaServer
  let service: WebSocketServer
  beforeEach(async () => {
    stage = await Stage.open()
    replica = await stage.put('blue', 'v1')
    await stage.put('green', 'v2')
    stage.split({ blue: 100, green: 0 })
    service = new WebSocketServer({ server: replica.server })
    service.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
  })
  afterEach(async () => {
    for (const socket of service.clients) socket.terminate()
    await stage.close()
  })

  async function open(): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/live`)
    await once(socket, 'open')
    return socket
  }

  async function echo(socket: WebSocket, text: string): Promise<string> {
    const answer = once(socket, 'message')
    socket.send(text)
    const [data] = (await answer) as [Buffer]
    return data.toString()
  }

  /** The forwarder hears of a closed connection a moment later than the client. */
  async function untilNothingRemains(): Promise<void> {
    while (stage.forwarder.remaining('blue') > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  it('carry messages both ways, and stay where they began', async () => {
    const socket = await open()
    expect(await echo(socket, 'hello')).toBe('hello')
    stage.split({ blue: 0, green: 100 })
    expect((await ask(stage.port)).body).toBe('v2')
    const large = 'x'.repeat(5_000_000)
    expect(await echo(socket, large)).toBe(large)
    expect(stage.forwarder.remaining('blue')).toBe(1)
    const closed = once(socket, 'close')
    socket.close()
    await closed
    await untilNothingRemains()
  })

  it('are waited for when their replica is let go, and nobody is cut who leaves in time', async () => {
    const socket = await open()
    let gone = false
    const letGo = stage.forwarder.letGo(replica.id, 10_000).then((result) => {
      gone = true
      return result
    })
    expect(await echo(socket, 'still here')).toBe('still here')
    expect(gone).toBe(false)
    socket.close()
    expect(await letGo).toEqual({ cut: 0 })
  })

  it('outlive the deadline, so that their own process can say goodbye to them', async () => {
    const sockets = [await open(), await open(), await open()]
    expect(await stage.forwarder.letGo(replica.id, 50)).toEqual({ cut: 0 })
    expect(stage.forwarder.remaining('blue')).toBe(3)
    expect(await echo(sockets[0] ?? (await open()), 'still here')).toBe('still here')
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close') as Promise<[number, Buffer]>))
    for (const end of service.clients) end.close(1_001, 'going away')
    expect((await closed).map(([code]) => code)).toEqual([1_001, 1_001, 1_001])
  })

  it('end with their process, if it does not say goodbye', async () => {
    const sockets = [await open(), await open()]
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')))
    await stage.forwarder.letGo(replica.id, 50)
    for (const end of service.clients) end.terminate()
    await closed
    await untilNothingRemains()
  })

  it('end at the client when the replica ends them', async () => {
    const socket = await open()
    const closed = once(socket, 'close')
    for (const end of service.clients) end.close(4_001, 'bye')
    const [code, reason] = (await closed) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([4_001, 'bye'])
    await untilNothingRemains()
  })

  it('give the client its bucket, and count as one answer', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/live`)
    const [answer] = (await once(socket, 'upgrade')) as [IncomingMessage]
    expect(answer.headers['set-cookie']).toEqual([expect.stringMatching(/^tuesday-bucket=\d+;/)])
    const now = Date.now()
    const counts = stage.forwarder.counts({ slot: 'blue', fromMs: now - 60_000, toMs: now + 2_000 })
    expect([counts.requests, counts.errors, counts.classes['1xx']]).toEqual([1, 0, 1])
    expect(stage.forwarder.prometheus()).toMatch(
      /tuesday_in_flight{slot="blue",version="v1",kind="websocket"} 1/,
    )
    socket.terminate()
  })

  it('go to another replica when the first one refuses the connection', async () => {
    const dead = await stage.replica('dead', 'v1')
    stage.forwarder.setReplicas('blue', [dead, replica])
    await dead.kill()
    for (let turn = 0; turn < 4; turn++) {
      const socket = await open()
      expect(await echo(socket, 'hello')).toBe('hello')
      socket.terminate()
    }
  })

  it('are declined as plainly as the service declines them', async () => {
    service.close()
    replica.server.removeAllListeners('upgrade')
    replica.server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
    })
    const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/live`)
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(answer.statusCode).toBe(403)
    answer.resume()
    await once(answer, 'end')
    stage.forwarder.setReplicas('blue', [])
    const refused = new WebSocket(`ws://127.0.0.1:${stage.port}/live`)
    const [, none] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(none.statusCode).toBe(503)
    none.resume()
  })

  it('leave an offer of HTTP/2 to be an ordinary request', async () => {
    const sent = request({
      port: stage.port,
      headers: {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
      },
    }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.resume()
    expect(answer.statusCode).toBe(200)
  })
})
