import { readFileSync } from 'node:fs'
import type { LoadConfig } from './load-config.ts'

export type Kind = 'keep-alive' | 'new-connection' | 'cookie' | 'slow' | 'websocket'

/** One request, as its client saw it. Times are milliseconds since the run began. */
export type Row = {
  number: number
  /** The service under test, or the one beside it. */
  side: 'target' | 'control'
  kind: Kind
  /** Which of the clients of this kind; for those without a cookie jar, which connection. */
  client: number
  method: string
  /** The id of an order; null for requests that carry none. */
  id: string | null
  /** When the schedule wanted it; latency counts from here. */
  due: number
  sent: number
  /** When the answer was complete; null if it never was. */
  done: number | null
  /** Of a complete answer; null if there was none. */
  status: number | null
  /** Both as named by the body of a complete answer. */
  version: string | null
  pid: number | null
  /** Why it was not a correct answer in time; null if it was one. */
  error: string | null
  /** Whether it carried a cookie. */
  cookie: boolean
}

/** What happened beside the requests, in milliseconds since the run began. */
export type Happening =
  | { event: 'mark'; name: string; at: number }
  | { event: 'websocket-closed'; client: number; code: number; at: number }
  | { event: 'end'; at: number; rows: number }

export type Header = { format: 1; startedAt: number; config: LoadConfig }

/** Everything that one run wrote down. */
export type LoadRecord = {
  config: LoadConfig
  /** Milliseconds since 1970: add it to a row's time to compare with another process's clock on this machine. */
  startedAt: number
  rows: readonly Row[]
  marks: readonly { name: string; at: number }[]
  websocketsClosed: readonly { client: number; code: number; at: number }[]
  /** Whether the run was ended properly, and all its rows are there. */
  complete: boolean
}

/** One line of the file: an array without names, since there are 500 a second. */
export function rowLine(row: Row): string {
  const { number, side, kind, client, method, id, due, sent, done, status, version, pid, error, cookie } = row
  const times = [due, sent, done].map((ms) => (ms === null ? null : Math.round(ms * 100) / 100))
  return JSON.stringify([
    number,
    side,
    kind,
    client,
    method,
    id,
    ...times,
    status,
    version,
    pid,
    error,
    cookie,
  ])
}

type Line = [
  ...[number, Row['side'], Kind, number, string, string | null, number, number, number | null],
  ...[number | null, string | null, number | null, string | null, boolean],
]

function rowOf(line: Line): Row {
  const [number, side, kind, client, method, id, due, sent, done, status, version, pid, error, cookie] = line
  return { number, side, kind, client, method, id, due, sent, done, status, version, pid, error, cookie }
}

/**
 * Reads a record back. A last line that was cut off, of a generator that was killed, is left out and the record is not
 * `complete`.
 *
 * @throws an Error if not even the header is there.
 */
export function readRecord(path: string): LoadRecord {
  const lines = readFileSync(path, 'utf8').split('\n')
  if (lines.length < 2) throw new Error(`${path} has no header: the load generator ended before it began`)
  const header = JSON.parse(lines[0] ?? '') as Header
  const rows: Row[] = []
  const marks: { name: string; at: number }[] = []
  const websocketsClosed: { client: number; code: number; at: number }[] = []
  let promised: number | undefined
  // What follows the last line break is empty, or was cut off.
  for (const text of lines.slice(1, -1)) {
    const line = JSON.parse(text) as Line | Happening
    if (Array.isArray(line)) rows.push(rowOf(line))
    else if (line.event === 'mark') marks.push({ name: line.name, at: line.at })
    else if (line.event === 'websocket-closed') websocketsClosed.push(line)
    else promised = line.rows
  }
  const { config, startedAt } = header
  return { config, startedAt, rows, marks, websocketsClosed, complete: promised === rows.length }
}
