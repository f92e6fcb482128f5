import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { ResponseReader } from './response-reader.ts'
import type { Response } from './response-reader.ts'

/** How one exchange ended: a complete answer, or why there is none. Called once. */
export type Ended = (outcome: Response | { error: string }) => void

/** One TCP connection with one exchange at a time. What fails on it has failed: nothing is sent again. */
export class Connection {
  readonly number: number
  #socket: Socket
  #reader = new ResponseReader()
  #ended: Ended | undefined
  #open = true
  #idle: (connection: Connection) => void
  #gone: (connection: Connection) => void

  /** @param idle called when it may carry another request, `gone` when it may not any more. */
  constructor(
    to: { host: string; port: number; number: number },
    idle: (connection: Connection) => void,
    gone: (connection: Connection) => void,
  ) {
    this.number = to.number
    this.#idle = idle
    this.#gone = gone
    this.#socket = connect({ host: to.host, port: to.port, noDelay: true })
    this.#socket.on('data', (piece) => this.#read(piece))
    this.#socket.on('end', () => this.#end())
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#finish(error.code ?? error.message))
    this.#socket.on('close', () => this.#finish('cut off'))
  }

  send(request: string, ended: Ended): void {
    this.#ended = ended
    this.#reader = new ResponseReader()
    this.#socket.write(request)
  }

  /** Gives up: the exchange, if there is one, ends with this reason. */
  abandon(reason: string): void {
    this.#finish(reason)
  }

  #read(piece: Buffer): void {
    if (this.#ended === undefined) return this.#finish('an answer to no request')
    try {
      const response = this.#reader.push(piece)
      if (response !== undefined) this.#answer(response)
    } catch (error) {
      this.#finish(`malformed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #answer(response: Response): void {
    const ended = this.#ended
    this.#ended = undefined
    if (response.keep && this.#open) this.#idle(this)
    else this.#close()
    ended?.(response)
  }

  /** The other side says that it sends nothing more: of an answer without a length that is the end. */
  #end(): void {
    const last = this.#ended === undefined ? undefined : this.#reader.end()
    if (last === undefined) this.#finish('cut off')
    else this.#answer(last)
  }

  #finish(reason: string): void {
    if (!this.#open) return
    const ended = this.#ended
    this.#ended = undefined
    this.#close()
    ended?.({ error: this.#reader.begun ? `${reason} in the middle of the answer` : reason })
  }

  #close(): void {
    if (!this.#open) return
    this.#open = false
    this.#gone(this)
    this.#socket.destroy()
  }
}
