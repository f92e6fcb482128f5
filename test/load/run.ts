import type { LoadConfig } from './load-config.ts'
import { Deadlines } from './deadlines.ts'
import type { Abandon } from './connection-pool.ts'
import { LiveStatistics } from './live-statistics.ts'
import { RecordWriter } from './record-writer.ts'
import type { Row } from './record.ts'

/** What is known of a request before it is sent. */
export type Request = Pick<Row, 'side' | 'kind' | 'method' | 'id' | 'due' | 'cookie'>

/** How a request ended. */
export type Outcome = Pick<Row, 'status' | 'version' | 'pid' | 'error'>

/** One run: its clock, what is in flight, and where everything is written down. */
export class Run {
  readonly config: LoadConfig
  readonly statistics = new LiveStatistics()
  readonly startedAt = Date.now()
  #origin = performance.now()
  #record: RecordWriter
  #ordinary: Deadlines
  #slow: Deadlines
  #begun = 0
  /** Order ids of two runs never meet, even if both write to one journal. */
  #name = Math.random().toString(36).slice(2, 8)

  constructor(config: LoadConfig) {
    this.config = config
    this.#record = new RecordWriter(config.record, { format: 1, startedAt: this.startedAt, config })
    this.#ordinary = new Deadlines(config.limitMs)
    this.#slow = new Deadlines(config.slow.ms + config.limitMs)
  }

  /** Milliseconds since the run began. */
  now = (): number => performance.now() - this.#origin

  get inFlight(): number {
    return this.#ordinary.waiting + this.#slow.waiting
  }

  newId(): string {
    return `${this.#name}-${this.#begun}`
  }

  /**
   * A request begins. `send` sends it, tells by which client, how to give it up, and calls `ended` once: a
   * second call changes nothing.
   */
  begin(
    request: Request,
    send: (ended: (outcome: Outcome) => void) => { client: number; abandon: Abandon },
  ): void {
    const open = { ...request, number: this.#begun, sent: this.now() }
    this.#begun += 1
    const deadlines = request.kind === 'slow' ? this.#slow : this.#ordinary
    const limitMs = request.kind === 'slow' ? this.config.slow.ms + this.config.limitMs : this.config.limitMs
    let client = -1
    let over = false
    const ended = (outcome: Outcome) => {
      if (over) return
      over = true
      deadlines.done(open.number)
      const at = this.now()
      const late = outcome.error === null && at - open.due > limitMs ? 'no answer in time' : outcome.error
      const row: Row = { ...open, client, ...outcome, done: outcome.status === null ? null : at, error: late }
      this.statistics.done(row)
      this.#record.row(row)
    }
    this.statistics.sent({ ...open, client, done: null, status: null, version: null, pid: null, error: null })
    const sending = send(ended)
    client = sending.client
    if (!over) deadlines.add(open.number, open.due, sending.abandon)
  }

  /** Gives up what is late. */
  enforce = (): void => {
    const now = this.now()
    this.#ordinary.enforce(now)
    this.#slow.enforce(now)
  }

  mark(name: string, at: number): void {
    this.#record.happening({ event: 'mark', name, at: at - this.startedAt })
  }

  websocketClosed(client: number, code: number): void {
    this.#record.happening({ event: 'websocket-closed', client, code, at: this.now() })
  }

  end(): Promise<void> {
    return this.#record.end(this.now())
  }
}
