import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** When the wire is cut: at the n-th message that a client sends, before it arrives or when its answer is on the way. */
export interface Cut {
  readonly at: number
  readonly moment: 'before' | 'after'
  /** What is done instead of merely cutting. */
  readonly also?: () => void
}

/** A way to a server that can be cut, and that keeps what clients send over it. */
export interface Wire {
  readonly port: number
  readonly sent: readonly string[]
  close(): Promise<void>
}

export async function openWire(target: URL, cut?: Cut): Promise<Wire> {
  const sent: string[] = []
  const sockets = new Set<Socket>()
  const cutAll = (): void => {
    cut?.also?.()
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let answerCuts = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (piece) => {
      sent.push(piece.toString('latin1'))
      if (cut?.at === sent.length && cut.moment === 'before') return cutAll()
      if (cut?.at === sent.length) answerCuts = true
      upstream.write(piece)
    })
    upstream.on('data', (piece) => (answerCuts ? cutAll() : client.write(piece)))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sent,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
