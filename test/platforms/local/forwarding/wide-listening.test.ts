import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { listenWide } from '../../../../src/platforms/local/forwarding/wide-listening.js'
import { Stage } from './stage.js'

const HOST = '127.0.0.1'
const CLIENTS = 64

/** Linux has all of 127.0.0.0/8, macOS its first address alone; a machine may have no IPv6. */
const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)
const OTHER_ADDRESSES = [...(process.platform === 'linux' ? ['127.0.0.2'] : []), ...(hasIPv6 ? ['::1'] : [])]

const clearing: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(clearing.splice(0).map((clear) => clear()))
})

async function wide(port: number, host = HOST): Promise<HttpServer> {
  const server = createHttpServer((_request, response) => response.end('here'))
  clearing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  const sockets = await listenWide(server, host, port)
  clearing.push(...sockets.map((socket) => () => void socket.close()))
  return server
}

/** Another program's server on a port that the system chooses. */
async function stranger(shares: boolean): Promise<number> {
  const server: Server = createServer()
  clearing.push(() => void server.close())
  const shared = shares && process.platform === 'linux' ? { reusePort: true } : {}
  server.listen({ port: 0, host: HOST, ...shared })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const portOf = (server: HttpServer): number => (server.address() as AddressInfo).port

describe('a port that is listened on with several sockets', () => {
  it('takes up more than one client in a turn of the event loop', async () => {
    const server = await wide(0)
    let turn = 0
    const taken = new Map<number, number>()
    server.on('connection', () => void taken.set(turn, (taken.get(turn) ?? 0) + 1))
    const clients = Array.from({ length: CLIENTS }, (): Socket => connect(portOf(server), HOST))
    clearing.push(...clients.map((client) => () => void client.destroy()))
    const all = (): number => [...taken.values()].reduce((sum, count) => sum + count, 0)
    for (; all() < CLIENTS; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(Math.max(...taken.values())).toBeGreaterThanOrEqual(process.platform === 'linux' ? 4 : 1)
  })

  it('answers over each of them, over and over', async () => {
    const server = await wide(0)
    const url = `http://${HOST}:${portOf(server)}/`
    const answers = Array.from({ length: CLIENTS }, async () => (await fetch(url)).text())
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['here']))
  })

  it.each([false, true])(
    'is refused where another program listens, whether it shares its port or not: %s',
    async (shares) => {
      await expect(wide(await stranger(shares))).rejects.toMatchObject({ code: 'EADDRINUSE' })
    },
  )

  it('is refused to a second one of ours, and free again when the first has closed', async () => {
    const port = await stranger(false)
    clearing.splice(0).forEach((clear) => clear())
    const first = createHttpServer()
    const sockets = await listenWide(first, HOST, port)
    await expect(wide(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const closed = [first, ...sockets].map((server) => once(server, 'close'))
    for (const server of [first, ...sockets]) server.close()
    await Promise.all(closed)
    expect(portOf(await wide(port))).toBe(port)
  })

  it.each(OTHER_ADDRESSES)('is in nobody’s way on another address of this machine: %s', async (other) => {
    const port = portOf(await wide(0))
    expect(portOf(await wide(port, other))).toBe(port)
  })

  it('is refused where the other one listens on all addresses, and the other way round', async () => {
    const one = portOf(await wide(0))
    await expect(wide(one, '0.0.0.0')).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const all = portOf(await wide(0, '0.0.0.0'))
    await expect(wide(all)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('is had by one alone of several that open it at once', async () => {
    const port = await stranger(false)
    clearing.splice(0).forEach((clear) => clear())
    const hosts = [HOST, '0.0.0.0', HOST, '0.0.0.0']
    const opened = await Promise.allSettled(hosts.map((host) => wide(port, host)))
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of opened)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('the own port of a slot, which checks alone ask', () => {
  it('is listened on with one socket, which no other program can share', async () => {
    const stage = await Stage.open()
    clearing.push(() => stage.close())
    const port = await stage.forwarder.listenSlot('blue', 0)
    const other = createServer()
    const shared = process.platform === 'linux' ? { reusePort: true } : {}
    other.listen({ port, host: HOST, ...shared })
    const [error] = await once(other, 'error')
    expect(error).toMatchObject({ code: 'EADDRINUSE' })
  })
})
