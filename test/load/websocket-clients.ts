import { WebSocket } from 'ws'
import { checkAnswer } from './answer-check.ts'
import type { Outcome, Run } from './run.ts'
import type { Schedule } from './schedule.ts'

type Ended = (outcome: Outcome) => void

const nothing = { status: null, version: null, pid: null }

/**
 * Websocket clients that stay connected and send a message a second. One that is closed is written down and opened
 * again at its next turn: the opening is a request like any other. @returns how to close them all.
 */
export function scheduleWebsocketClients(run: Run, schedule: Schedule, count: number): () => void {
  const clients = Array.from({ length: count }, (_, number) => new WebsocketClient(run, number))
  clients.forEach((client, number) => schedule.add(1, number / count, (due) => client.turn(due)))
  return () => {
    for (const client of clients) client.close()
  }
}

class WebsocketClient {
  #run: Run
  #number: number
  #url: URL
  #socket: WebSocket | undefined
  #waiting = new Map<string, Ended>()
  #messages = 0

  constructor(run: Run, number: number) {
    this.#run = run
    this.#number = number
    this.#url = new URL('/ws', run.config.target)
    this.#url.protocol = 'ws:'
  }

  turn(due: number): void {
    if (this.#socket === undefined) this.#open(due)
    else if (this.#socket.readyState === WebSocket.OPEN) this.#send(this.#socket, due)
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.close(1000)
  }

  #open(due: number): void {
    const request = {
      side: 'target',
      kind: 'websocket',
      method: 'OPEN',
      id: null,
      due,
      cookie: false,
    } as const
    this.#run.begin(request, (ended) => {
      const socket = new WebSocket(this.#url, { perMessageDeflate: false, followRedirects: false })
      this.#socket = socket
      let opened = false
      socket.on('open', () => {
        opened = true
        ended({ ...nothing, status: 101, error: null })
      })
      socket.on('error', (error: NodeJS.ErrnoException) =>
        ended({ ...nothing, error: error.code ?? error.message }),
      )
      socket.on('message', (message) => this.#answer(String(message)))
      socket.on('close', (code) => {
        ended({ ...nothing, error: `closed with ${code}` })
        this.#closed(socket, code, opened)
      })
      return { client: this.#number, abandon: (reason) => this.#abandon(socket, ended, reason) }
    })
  }

  #send(socket: WebSocket, due: number): void {
    const text = `${this.#number}.${this.#messages}`
    this.#messages += 1
    const request = {
      side: 'target',
      kind: 'websocket',
      method: 'MESSAGE',
      id: null,
      due,
      cookie: false,
    } as const
    this.#run.begin(request, (ended) => {
      this.#waiting.set(text, ended)
      socket.send(text)
      return { client: this.#number, abandon: (reason) => this.#abandon(socket, ended, reason) }
    })
  }

  #answer(text: string): void {
    const { service } = this.#run.config
    const checked = checkAnswer({ status: 200, body: text }, { service, status: 200, id: null })
    const echo = echoOf(text)
    this.#waiting.get(echo)?.({ status: 200, ...checked })
    this.#waiting.delete(echo)
  }

  /** After an answer that never came the connection is of no more use. */
  #abandon(socket: WebSocket, ended: Ended, reason: string): void {
    ended({ ...nothing, error: reason })
    socket.terminate()
  }

  #closed(socket: WebSocket, code: number, opened: boolean): void {
    for (const ended of this.#waiting.values()) ended({ ...nothing, error: `closed with ${code}` })
    this.#waiting.clear()
    if (this.#socket !== socket) return
    this.#socket = undefined
    if (opened) this.#run.websocketClosed(this.#number, code)
  }
}

function echoOf(text: string): string {
  try {
    return String((JSON.parse(text) as { echo?: unknown } | null)?.echo)
  } catch {
    return ''
  }
}
