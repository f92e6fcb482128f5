import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

import { ask, each } from './client.js'
import { bodyOf } from './replica-server.js'
import { Stage } from './stage.js'

describe('a side without a replica', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await Stage.open()
    await stage.put('blue', 'v1')
  })
  afterEach(() => stage.close())

  it('hands its requests to the other side that carries weight, and they are counted', async () => {
    await stage.put('green', 'v2')
    stage.split({ blue: 100, green: 0 })
    stage.split({ blue: 75, green: 25 })
    stage.forwarder.setReplicas('green', [])
    const low = { headers: { cookie: 'tuesday-bucket=3' } }
    const bodies = await each(20, 4, async () => (await ask(stage.port, low)).body)
    expect(new Set(bodies)).toEqual(new Set(['v1']))
    expect(metric(stage, 'tuesday_failovers_total{slot="green"}')).toBe(20)
    expect(metric(stage, 'tuesday_failovers_total{slot="blue"}')).toBe(0)
  })

  it('does not hand them to a side that carries none', async () => {
    stage.split({ blue: 0, green: 100 })
    const answer = await ask(stage.port)
    expect([answer.status, answer.body]).toEqual([503, 'tuesday: no replica is ready in green\n'])
    expect(answer.headers['content-type']).toMatch(/^text\/plain/)
  })

  it('says that nothing is live while the split is empty', async () => {
    const answer = await ask(stage.port, { method: 'POST', body: 'x' })
    expect([answer.status, answer.body]).toEqual([
      503,
      'tuesday: no release serves now: the split is empty\n',
    ])
    expect(metric(stage, 'tuesday_unrouted_requests_total')).toBe(1)
  })

  it('keeps its own address to itself', async () => {
    await stage.put('green', 'v2')
    const port = await stage.forwarder.listenSlot('green', 0)
    stage.split({ blue: 100, green: 0 })
    expect((await ask(port)).body).toBe('v2')
    stage.forwarder.setReplicas('green', [])
    stage.split({ blue: 50, green: 50 })
    expect((await ask(port)).status).toBe(503)
  })
})

describe('a replica that dies', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await Stage.open()
  })
  afterEach(() => stage.close())

  it('loses nobody who had not reached it yet, before anyone has told us of its death', async () => {
    await stage.put('blue', 'v1')
    const dead = await stage.put('green', 'v2')
    stage.split({ blue: 50, green: 50 })
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    await each(200, 8, () => ask(stage.port, { agent }))
    await dead.kill()
    const answers = await each(400, 8, (index) =>
      ask(stage.port, index % 2 === 0 ? { agent } : { agent, method: 'POST', body: 'x' }),
    )
    agent.destroy()
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(metric(stage, 'tuesday_retries_total{slot="green"}')).toBeGreaterThan(50)
  })

  it('asks the next replica of the same side first', async () => {
    const dead = await stage.replica('g1', 'v2')
    const alive = await stage.replica('g2', 'v2')
    await stage.put('blue', 'v1')
    stage.forwarder.setReplicas('green', [dead, alive])
    stage.split({ blue: 0, green: 100 })
    stage.split({ blue: 50, green: 50 })
    await dead.kill()
    const high = { headers: { cookie: 'tuesday-bucket=9999' } }
    const bodies = await each(40, 4, async () => (await ask(stage.port, high)).body)
    expect(new Set(bodies)).toEqual(new Set(['v2']))
    expect(metric(stage, 'tuesday_failovers_total{slot="green"}')).toBe(0)
  })

  it('or speaks another protocol unasked is told to the client, and nothing stays in flight', async () => {
    await stage.put('blue', 'v1', (request) => {
      request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: odd\r\n\r\n')
    })
    stage.split({ blue: 100, green: 0 })
    const { status, body } = await ask(stage.port)
    expect([status, body]).toEqual([502, expect.stringContaining('it answered 101 unasked')])
    expect(stage.forwarder.remaining('blue')).toBe(0)
  })

  it('is told to the client when nobody else could answer', async () => {
    const dead = await stage.put('blue', 'v1')
    stage.split({ blue: 100, green: 0 })
    await dead.kill()
    const answer = await ask(stage.port)
    expect(answer.status).toBe(502)
    expect(answer.body).toContain(`refused by ${dead.id}`)
  })

  it('makes the request fail that it had accepted: nothing is known of what was done', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>()
    const dying = await stage.put('blue', 'v1', () => resolve())
    const other = await stage.put('green', 'v2')
    stage.split({ blue: 100, green: 0 })
    stage.split({ blue: 99, green: 1 })
    const sent = ask(stage.port, {
      method: 'POST',
      body: 'order',
      headers: { cookie: 'tuesday-bucket=9999' },
    })
    await arrived
    await dying.kill()
    const answer = await sent
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('gave no answer')])
    expect(other.seen).toEqual([])
  })
})

describe('a connection that the replica closes while it is idle', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await Stage.open()
    stage.split({ blue: 100, green: 0 })
  })
  afterEach(() => stage.close())

  it('costs no POST whose connection was closed before it came, though we had not heard of it yet', async () => {
    const posted: string[] = []
    const replica = await stage.put('blue', 'v1', async (asked, response) => {
      posted.push(await bodyOf(asked))
      response.end('ok')
    })
    const client = connect(stage.port, '127.0.0.1').setNoDelay()
    await once(client, 'connect')
    const statuses: string[] = []
    for (let index = 0; index < 200; index++) {
      // Both are there when the forwarder's event loop looks next: first the request, then the end of its connection.
      client.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n${100 + index}`)
      replica.closeIdle()
      const [answer] = (await once(client, 'data')) as [Buffer]
      statuses.push(String(answer).slice(9, 12))
    }
    client.destroy()
    expect(new Set(statuses)).toEqual(new Set(['200']))
    expect(posted).toEqual(Array.from({ length: 200 }, (_, index) => `${100 + index}`))
  })

  /** A replica that answers the first request of a connection and hangs up on the second, unread. */
  async function hangsUpOnSecond(): Promise<{ port: number; requests: string[]; close: () => void }> {
    const requests: string[] = []
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      let first = true
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        requests.push(String(chunk).split(' ')[0] ?? '')
        if (first) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        else socket.resetAndDestroy()
        first = false
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const close = (): void => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
    return { port: (server.address() as AddressInfo).port, requests, close }
  }

  it('sends a GET once more and a POST never', async () => {
    const replica = await hangsUpOnSecond()
    stage.forwarder.setReplicas('blue', [{ id: 'one', version: 'v1', port: replica.port }])
    expect((await ask(stage.port)).status).toBe(200)
    expect((await ask(stage.port)).status).toBe(200)
    expect(replica.requests).toEqual(['GET', 'GET', 'GET'])
    expect((await ask(stage.port)).status).toBe(200)
    replica.requests.length = 0
    const answer = await ask(stage.port, { method: 'POST', body: 'order' })
    expect(answer.status).toBe(502)
    expect(replica.requests).toEqual(['POST'])
    replica.close()
  })

  it('is closed by us before the time that the replica announces', async () => {
    const replica = await stage.put('blue', 'v1')
    replica.server.keepAliveTimeout = 2_000
    await ask(stage.port)
    expect(replica.connections).toBe(1)
    const closed = new Promise<'by us'>(
      (resolve) => void replica.noConnections().then(() => resolve('by us')),
    )
    // Node's servers close a second after the time that they announce, and say so in the connection's timeout.
    const { promise: theirs, resolve } = Promise.withResolvers<'by the replica'>()
    replica.server.on('timeout', () => resolve('by the replica'))
    expect(await Promise.race([closed, theirs])).toBe('by us')
  })
})

function metric(stage: Stage, name: string): number {
  const line = stage.forwarder
    .prometheus()
    .split('\n')
    .find((text) => text.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1))
}
