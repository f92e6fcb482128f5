import { createServer, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What a router of the tests does with one request, with its body at hand. */
export type Routed = {
  /** Where it goes; to several one after the other, and the last answer counts: that is a retry. */
  to: readonly string[]
  setCookie?: string
}

export type OpenRouter = { url: string; close(): Promise<void> }

/** A router that does whatever a test wants, wrong things above all. */
export async function openRouter(
  route: (request: IncomingMessage, body: string) => Routed,
): Promise<OpenRouter> {
  const server = createServer((incoming, response) => {
    void (async () => {
      const body = await text(incoming)
      const { to, setCookie } = route(incoming, body)
      try {
        let answer = { status: 502, body: 'nowhere to go' }
        for (const address of to) answer = await forward(incoming, body, address)
        response.writeHead(answer.status, {
          'content-length': Buffer.byteLength(answer.body),
          ...(setCookie === undefined ? {} : { 'set-cookie': setCookie }),
        })
        response.end(answer.body)
      } catch {
        response.writeHead(502, { 'content-length': 0 }).end()
      }
    })()
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function forward(incoming: IncomingMessage, body: string, address: string) {
  const headers = body === '' ? {} : { 'content-length': Buffer.byteLength(body) }
  const outgoing = request(new URL(incoming.url ?? '/', address), {
    method: incoming.method ?? 'GET',
    headers,
    agent: false,
  })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 502, body: await text(response) }
}
