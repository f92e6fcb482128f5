import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** Where a server listens, as the client library has read it from an address: hosts with their ports, or a socket. */
export interface Destinations {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path: string | false | undefined
}

/**
 * Connects once, to the first host that answers. Left to itself, the client library connects again and again to
 * whoever closes the connection before the login is through.
 */
export class Dialler {
  readonly #signal: AbortSignal
  #used = false

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async dial({ host, port, path }: Destinations): Promise<Socket> {
    if (this.#used) throw Object.assign(new Error('the connection was closed'), { code: 'CONNECTION_CLOSED' })
    this.#used = true
    if (typeof path === 'string') return await this.#open(() => connect(path))
    let last: unknown = new Error('no host')
    for (const [index, name] of host.entries()) {
      try {
        const socket = await this.#open(() => connect(port[index] ?? 5432, name))
        // The library reads it from here when it names the server in the TLS handshake.
        return Object.assign(socket, { host: name })
      } catch (error) {
        last = error
      }
    }
    throw last
  }

  async #open(start: () => Socket): Promise<Socket> {
    const socket = start()
    const end = (): void =>
      void socket.destroy(Object.assign(new Error('no answer in time'), { code: 'CONNECT_TIMEOUT' }))
    this.#signal.addEventListener('abort', end, { once: true })
    try {
      await once(socket, 'connect')
      return socket
    } finally {
      this.#signal.removeEventListener('abort', end)
    }
  }
}
