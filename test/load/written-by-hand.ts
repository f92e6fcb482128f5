import { controlRates, defaultLoad } from './load-config.ts'
import type { Entry } from './order-journal.ts'
import type { LoadRecord, Row } from './record.ts'
import type { Evidence } from './verdict.ts'

/** Rows and records without a run, to show what a verdict makes of them. */
let rows = 0

/** A GET that release `good` answered correctly, 5 ms after it was due. */
export function get(row: Partial<Row> = {}): Row {
  rows += 1
  const request = {
    number: rows,
    side: 'target',
    kind: 'keep-alive',
    client: 0,
    method: 'GET',
    id: null,
  } as const
  const times = { due: 0, sent: 0, done: 5 }
  return { ...request, ...times, status: 200, version: 'good', pid: 1, error: null, cookie: false, ...row }
}

export function post(id: string, row: Partial<Row> = {}): Row {
  return get({ method: 'POST', id, status: 201, ...row })
}

/** A complete error that names nobody. */
export function proxyError(status: number): Row {
  return get({ status, version: null, pid: null, error: `status ${status}` })
}

/** One answer to the client with a cookie, 5 ms long. */
export function sticky(client: number, sent: number, version: string): Row {
  return get({ kind: 'cookie', client, due: sent, sent, done: sent + 5, version, cookie: true })
}

/** The journal holds every taken order once unless it is given. */
export function evidenceOf(
  given: readonly Row[],
  rest: Partial<LoadRecord> & { journal?: readonly Entry[] } = {},
): Evidence {
  const { journal, ...record } = rest
  const config = {
    ...defaultLoad,
    target: 'http://target.test',
    control: { url: 'http://control.test', service: 'sample', rates: controlRates },
    record: 'nowhere',
  }
  const taken = given.flatMap(({ id, error }) =>
    id === null || error !== null ? [] : [{ id, version: 'good', pid: 1, status: 201 }],
  )
  return {
    record: { config, startedAt: 0, marks: [], websocketsClosed: [], complete: true, rows: given, ...record },
    journal: journal ?? taken,
  }
}
