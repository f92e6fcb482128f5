import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { RouterConflict } from '../../../rollout/ports/router.js'
import { TransientError } from '../../../rollout/ports/transient-error.js'
import { messageOf, UserError } from '../../../rollout/user-error.js'
import { LineReader } from '../control/lines.js'
import type { Answer, FailureKind, Request } from '../control/protocol.js'

/** What answers requests. A stream calls `each` many times and is told by `signal` when its reader is gone. */
export interface ControlHandler {
  handle(
    request: Request,
    stream: { each(value: unknown): void; readonly signal: AbortSignal },
  ): Promise<unknown>
}

/** What a handler returns when it goes on answering by `each`. */
export const STREAMING = Symbol('streaming')

/** The control socket: one JSON document a line, for processes of this user only. */
export class ControlServer {
  readonly #path: string
  readonly #handler: ControlHandler
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #log: (line: string) => void
  #lastUsedMs = performance.now()

  constructor(path: string, handler: ControlHandler, log: (line: string) => void) {
    this.#path = path
    this.#handler = handler
    this.#log = log
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /** Milliseconds since anybody was connected; 0 while somebody is. */
  get idleMs(): number {
    return this.#sockets.size > 0 ? 0 : performance.now() - this.#lastUsedMs
  }

  /** To be called by the one who holds the lock only: it removes what a killed supervisor left. */
  async listen(): Promise<void> {
    rmSync(this.#path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#path, resolve)
    })
    // The folder keeps others out already, from the first moment on; this is the second lock on the same door.
    chmodSync(this.#path, 0o600)
  }

  /** Nobody can connect any more; the socket's file is gone when this returns. Who is connected stays so. */
  stopAccepting(): void {
    this.#server.close()
    rmSync(this.#path, { force: true })
  }

  /** Ends the connections, after what was answered last has got out. */
  async hangUp(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => once(socket, 'close'))
    for (const socket of this.#sockets) socket.destroySoon()
    await Promise.all(closed)
  }

  #serve(socket: Socket): void {
    const gone = new AbortController()
    this.#sockets.add(socket)
    const reader = new LineReader(
      (line) => void this.#answer(socket, JSON.parse(line) as Request, gone.signal),
    )
    socket.on('data', (bytes) => {
      try {
        reader.push(bytes)
      } catch (error) {
        this.#log(`control: ${messageOf(error)}`)
        socket.destroy()
      }
    })
    // A step that is killed resets its connection; what it asked for goes on.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#lastUsedMs = performance.now()
      gone.abort()
    })
  }

  async #answer(socket: Socket, request: Request, signal: AbortSignal): Promise<void> {
    const send = (answer: Answer): void => {
      if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`)
    }
    const { id } = request
    try {
      const each = (value: unknown): void => send({ id, answer: value, more: true })
      const answer = await this.#handler.handle(request, { each, signal })
      if (answer !== STREAMING) send({ id, answer: answer ?? null })
    } catch (error) {
      const kind = kindOf(error)
      if (kind === 'internal')
        this.#log(`${request.command}: ${error instanceof Error ? error.stack : String(error)}`)
      const hint = error instanceof UserError ? error.hint : undefined
      send({ id, failure: { kind, message: messageOf(error), ...(hint === undefined ? {} : { hint }) } })
    }
  }
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof UserError) return 'user'
  if (error instanceof TransientError) return 'transient'
  return error instanceof RouterConflict ? 'conflict' : 'internal'
}
