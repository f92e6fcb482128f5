import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { listenWide } from '../../../../src/platforms/local/forwarding/wide-listening.js'

const HOST = '127.0.0.1'
const CLIENTS = 64

const clearing: (() => void)[] = []
afterEach(() => {
  for (const clear of clearing.splice(0)) clear()
})

async function wide(port: number): Promise<HttpServer> {
  const server = createHttpServer((_request, response) => response.end('here'))
  clearing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  const sockets = await listenWide(server, HOST, port)
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
})
