import { createConnection, type Socket } from 'node:net'
import { RouterConflict } from '../../../rollout/ports/router.js'
import { TransientError } from '../../../rollout/ports/transient-error.js'
import { UserError } from '../../../rollout/user-error.js'
import { LineReader } from './lines.js'
import type { Answer, CommandName, Commands } from './protocol.js'

/** What waits for answers to one request. */
interface Pending {
  answer(value: unknown): void
  fail(error: Error): void
}

/** One open connection to a supervisor. Requests may overlap; answers are told apart by their id. */
export class Connection {
  readonly #socket: Socket
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #ended: Error | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    const reader = new LineReader((line) => this.#receive(line))
    socket.on('data', (bytes) => {
      try {
        reader.push(bytes)
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)))
      }
    })
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('it closed the connection')))
  }

  /** Rejects with the system's error (ENOENT, ECONNREFUSED) if nobody listens there. */
  static open(path: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
    })
  }

  get open(): boolean {
    return this.#ended === undefined
  }

  /**
   * Sends one command and waits for its answer. The process stays alive for it, and only while it waits.
   * @throws what the supervisor threw, of the same kind; TransientError if the connection broke meanwhile.
   */
  request<Name extends CommandName>(
    command: Name,
    given: Commands[Name]['given'],
  ): Promise<Commands[Name]['answer']> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#pending.delete(id)
        if (this.#pending.size === 0) this.#socket.unref()
      }
      const id = this.#send(command, given, {
        answer: (value) => {
          settle()
          resolve(value as Commands[Name]['answer'])
        },
        fail: (error) => {
          settle()
          reject(error)
        },
      })
    })
  }

  /** Sends one command that answers many times. `fail` is called once at the end, if the connection breaks too. */
  stream<Name extends CommandName>(
    command: Name,
    given: Commands[Name]['given'],
    each: (value: Commands[Name]['answer']) => void,
    fail: (error: Error) => void,
  ): void {
    this.#send(command, given, { answer: (value) => each(value as Commands[Name]['answer']), fail })
  }

  /** Asks the supervisor to drain and stop everything; resolves when it has gone. */
  async shutdown(): Promise<void> {
    const gone = new Promise((resolve) => this.#socket.once('close', resolve))
    await this.request('shutdown', {})
    this.#socket.ref()
    await gone
  }

  close(): void {
    this.#socket.destroy()
  }

  #send<Name extends CommandName>(command: Name, given: Commands[Name]['given'], pending: Pending): number {
    const id = ++this.#lastId
    if (this.#ended !== undefined) {
      const ended = this.#ended
      queueMicrotask(() => pending.fail(ended))
      return id
    }
    this.#pending.set(id, pending)
    this.#socket.ref()
    this.#socket.write(`${JSON.stringify({ id, command, given })}\n`)
    return id
  }

  #receive(line: string): void {
    const answer = JSON.parse(line) as Answer
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return
    if ('failure' in answer) pending.fail(errorFrom(answer.failure))
    else pending.answer(answer.answer)
  }

  #end(cause: Error): void {
    if (this.#ended !== undefined) return
    this.#ended = new TransientError(`The local supervisor was lost: ${cause.message}`, { cause })
    for (const pending of [...this.#pending.values()]) pending.fail(this.#ended)
    this.#pending.clear()
  }
}

function errorFrom(failure: { kind: string; message: string; hint?: string }): Error {
  switch (failure.kind) {
    case 'user':
      return new UserError(failure.message, failure.hint === undefined ? {} : { hint: failure.hint })
    case 'conflict':
      return new RouterConflict(failure.message)
    case 'transient':
      return new TransientError(failure.message)
    default:
      return new Error(`The local supervisor failed: ${failure.message}`)
  }
}
