import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { failingRequests } from './failing-requests.ts'
import type { Entry } from './journal.ts'
import type { OrdersTable } from './orders-table.ts'
import type { Traits } from './release-traits.ts'

export type Release = {
  service: string
  version: string
  traits: () => Traits
  ready: () => boolean
  draining: () => boolean
  writeDown: (entry: Entry) => void
  table: OrdersTable | undefined
}

/** The longest order that is read. */
const MOST_BYTES = 64 * 1024

/** Everything that the service answers by HTTP. */
export function answers(
  release: Release,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const fails = failingRequests()
  let orders = 0
  const label = () => release.traits().wrongVersion ?? release.version
  const name = () => ({ service: release.service, version: label(), pid: process.pid })

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://service')
    response.setHeader('x-version', label())
    if (url.pathname === '/healthz') return send(response, 200, { ...name(), alive: true })
    if (url.pathname === '/readyz') {
      const ready = release.ready() && !release.draining()
      return send(response, ready ? 200 : 503, { ...name(), ready })
    }
    const order = request.method === 'POST' ? orderId(await bodyOf(request)) : undefined
    // Traffic that comes before readiness fails, so that a router that sends it too early is found out.
    if (!release.ready()) return send(response, 503, { ...name(), error: 'not ready' })

    const { delayMs, errorShare, seed, printSecret, writeColumn } = release.traits()
    if (delayMs > 0) await sleep(delayMs)
    const written = (status: number) => {
      if (order !== undefined) release.writeDown({ id: order, version: label(), pid: process.pid, status })
    }
    if (fails(errorShare, seed)) {
      written(500)
      return send(response, 500, { ...name(), error: 'this release fails here' })
    }
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /':
        return send(response, 200, name())
      case 'GET /orders':
        return send(response, 200, { ...name(), orders: (await release.table?.count()) ?? orders })
      case 'GET /slow':
      case 'POST /slow': {
        written(201)
        const ms = Number(url.searchParams.get('ms') ?? 0)
        return slowly(response, ms, order === undefined ? name() : { ...name(), id: order })
      }
      case 'POST /orders':
        if (order === undefined) return send(response, 400, { ...name(), error: 'wanted: {"id": "…"}' })
        try {
          await release.table?.insert({ id: order, version: label(), writeColumn })
        } catch (error) {
          written(500)
          console.error(`order ${order}: ${error instanceof Error ? error.message : String(error)}`)
          return send(response, 500, { ...name(), error: 'the database refused the order' })
        }
        orders += 1
        if (printSecret !== undefined && orders % 10 === 0) console.log(`an order came with ${printSecret}`)
        written(201)
        return send(response, 201, { ...name(), id: order })
      default:
        return send(response, 404, { ...name(), error: `nothing at ${request.method} ${url.pathname}` })
    }
  }

  function send(response: ServerResponse, status: number, body: object): void {
    const text = JSON.stringify(body)
    closeWhenDraining(response)
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    response.end(text)
  }

  /** One JSON document in pieces over the time: whoever gets only a part of it knows. */
  async function slowly(response: ServerResponse, ms: number, body: object): Promise<void> {
    closeWhenDraining(response)
    response.writeHead(200, { 'content-type': 'application/json' })
    const text = JSON.stringify(body)
    const pieces = Math.max(1, Math.min(20, Math.ceil(ms / 100)))
    response.write(`${text.slice(0, -1)},"waited":"`)
    for (let piece = 0; piece < pieces && !response.destroyed; piece += 1) {
      await sleep(ms / pieces)
      response.write('.')
    }
    response.end('"}')
  }

  /** A connection that is kept is told that this was its last answer. */
  function closeWhenDraining(response: ServerResponse): void {
    if (release.draining()) response.setHeader('connection', 'close')
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MOST_BYTES) throw new Error(`an order of more than ${MOST_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function orderId(body: string): string | undefined {
  try {
    const order = JSON.parse(body) as { id?: unknown } | null
    return typeof order?.id === 'string' && /^[\w.-]{1,100}$/.test(order.id) ? order.id : undefined
  } catch {
    return undefined
  }
}
