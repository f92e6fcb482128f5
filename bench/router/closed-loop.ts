/**
 * The load of the bench, a process of its own: `connections` kept-alive connections, each of which sends its next
 * request when the last one is answered, GET and POST in turn. Plain sockets, since an HTTP client would cost more
 * than the proxies do. Told by a message what to ask and for how long; answers with what it counted.
 */
import { connect, type Socket } from 'node:net'

export interface Ask {
  readonly port: number
  readonly connections: number
  readonly milliseconds: number
}

export interface Count {
  readonly answers: number
  /** Answers that were not 200, connections that broke. */
  readonly failures: number
  readonly seconds: number
  /** Longest time in which this process did not get to run; the load had a gap then. */
  readonly gapMs: number
  readonly perSecond: number
}

const LOOK_MS = 10

const body = JSON.stringify({ order: 'o'.repeat(100) })
const common =
  'Host: shop.example\r\nUser-Agent: bench\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n'
const requests = [
  Buffer.from(`GET /items?page=1 HTTP/1.1\r\n${common}\r\n`),
  Buffer.from(
    `POST /orders HTTP/1.1\r\n${common}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  ),
]

class Tally {
  answers = 0
  failures = 0
  running = true
}

/** The length of a complete answer at the beginning of `bytes`; undefined while it is not complete. */
function answerLength(bytes: Buffer): number | undefined {
  const head = bytes.indexOf('\r\n\r\n')
  if (head === -1) return undefined
  const text = bytes.toString('latin1', 0, head)
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1]
  if (!text.startsWith('HTTP/1.1 200') || length === undefined) return Number.NaN
  const whole = head + 4 + Number(length)
  return bytes.length < whole ? undefined : whole
}

function runConnection(port: number, tally: Tally): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1')
    let turn = 0
    let received: Buffer = Buffer.alloc(0)
    const send = (): void => {
      if (tally.running) socket.write(requests[turn++ % requests.length] ?? '')
      else socket.destroy()
    }
    socket.setNoDelay()
    socket.on('connect', send)
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const length = answerLength(received)
      if (length === undefined) return
      if (length === received.length) tally.answers++
      else tally.failures++
      received = Buffer.alloc(0)
      send()
    })
    socket.on('error', () => tally.failures++)
    socket.on('end', () => tally.failures++)
    socket.on('close', () => resolve())
  })
}

async function load({ port, connections, milliseconds }: Ask): Promise<Count> {
  const tally = new Tally()
  const start = performance.now()
  let stop = start
  let looked = start
  let gapMs = 0
  const look = setInterval(() => {
    gapMs = Math.max(gapMs, performance.now() - looked - LOOK_MS)
    looked = performance.now()
  }, LOOK_MS)
  setTimeout(() => {
    tally.running = false
    stop = performance.now()
  }, milliseconds)
  await Promise.all(Array.from({ length: connections }, () => runConnection(port, tally)))
  clearInterval(look)
  const seconds = (stop - start) / 1_000
  return {
    answers: tally.answers,
    failures: tally.failures,
    seconds,
    gapMs,
    perSecond: tally.answers / seconds,
  }
}

process.on('message', (ask: Ask) => {
  void load(ask).then((count) => process.send?.(count))
})
