import { Connection } from './connection.ts'
import type { Ended } from './connection.ts'

/** Gives up an exchange that took too long. */
export type Abandon = (reason: string) => void

/**
 * The connections of one client to one address. With `keep` a connection is used again, the one that has rested longest
 * first, and another is opened when all are busy: an open loop does not wait. Without it, each request has its own.
 */
export class ConnectionPool {
  #address: { host: string; port: number }
  #keep: boolean
  #resting = new Set<Connection>()
  #all = new Set<Connection>()
  #opened = 0

  constructor(url: URL, keep: boolean) {
    this.#address = { host: url.hostname, port: Number(url.port || 80) }
    this.#keep = keep
  }

  /** @returns the number of the connection that was used, and how to give the exchange up. */
  send(request: string, ended: Ended): { connection: number; abandon: Abandon } {
    const connection = this.#take()
    connection.send(request, ended)
    return { connection: connection.number, abandon: (reason) => connection.abandon(reason) }
  }

  /** Lets what is in flight be answered, and closes each connection after that. */
  retire(): void {
    this.#keep = false
    for (const connection of this.#resting) connection.abandon('no more requests')
  }

  close(): void {
    for (const connection of this.#all) connection.abandon('the run is over')
  }

  #take(): Connection {
    const [rested] = this.#resting
    if (rested !== undefined) {
      this.#resting.delete(rested)
      return rested
    }
    const opened = new Connection(
      { ...this.#address, number: this.#opened },
      (connection) => this.#release(connection),
      (connection) => this.#forget(connection),
    )
    this.#opened += 1
    this.#all.add(opened)
    return opened
  }

  #release(connection: Connection): void {
    if (this.#keep) this.#resting.add(connection)
    else connection.abandon('used once')
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection)
    this.#resting.delete(connection)
  }
}
