import { checkAnswer } from './answer-check.ts'
import { ConnectionPool } from './connection-pool.ts'
import { CookieJar } from './cookie-jar.ts'
import type { Rates } from './load-config.ts'
import type { Row } from './record.ts'
import type { Run } from './run.ts'
import type { Schedule } from './schedule.ts'

/** The service that is asked, and how often. */
export type Side = { name: Row['side']; url: URL; service: string; rates: Rates }

/** One client: its connections, its cookies if it keeps them. */
export type Client = {
  kind: Row['kind']
  pool: ConnectionPool
  /** Its number among its kind; undefined: the connection's number tells it. */
  number?: number
  jar?: CookieJar
  keep: boolean
  /** For slow ones, how long an answer takes. */
  slowMs?: number
  asked: number
}

/** Puts the HTTP clients of one service on the schedule. @returns how to close their connections. */
export function scheduleHttpClients(
  run: Run,
  schedule: Schedule,
  side: Side,
  withSpecial: boolean,
): () => void {
  const { rates } = side
  const clients: Client[] = []
  const add = (client: Omit<Client, 'pool' | 'asked'>, perSecond: number, offset: number) => {
    const added = { ...client, pool: new ConnectionPool(side.url, client.keep), asked: clients.length % 2 }
    clients.push(added)
    schedule.add(perSecond, offset, (due) => ask(run, side, added, due))
  }
  add({ kind: 'keep-alive', keep: true }, rates.keepAlive, 0.1)
  add({ kind: 'new-connection', keep: false }, rates.newConnection, 0.6)
  if (withSpecial) {
    const { cookieClients, slow } = run.config
    for (let number = 0; number < cookieClients; number += 1) {
      const jar = new CookieJar()
      const client = { kind: 'cookie', number, jar, keep: number % 2 === 0 } as const
      add(client, rates.cookies / cookieClients, number / cookieClients)
    }
    for (let number = 0; number < slow.clients; number += 1) {
      const client = { kind: 'slow', number, keep: true, slowMs: slow.ms } as const
      add(client, 1_000 / slow.ms, number / slow.clients)
    }
  }
  return () => {
    for (const { pool } of clients) pool.close()
  }
}

/** One request of a client, now. */
export function ask(run: Run, side: Side, client: Client, due: number): void {
  const post = client.asked % 2 === 1
  client.asked += 1
  const { kind, jar, slowMs } = client
  const id = post ? run.newId() : null
  const cookie = jar !== undefined && !jar.empty
  const request = { side: side.name, kind, method: post ? 'POST' : 'GET', id, due, cookie }
  const wanted = { service: side.service, status: post && slowMs === undefined ? 201 : 200, id }
  run.begin(request, (ended) => {
    const { connection, abandon } = client.pool.send(requestText(side.url, client, id), (outcome) => {
      if ('error' in outcome) return ended({ status: null, version: null, pid: null, error: outcome.error })
      jar?.take(outcome.headers.get('set-cookie') ?? [])
      ended({ status: outcome.status, ...checkAnswer(outcome, wanted) })
    })
    return { client: client.number ?? connection, abandon }
  })
}

function requestText(url: URL, { jar, keep, slowMs }: Client, id: string | null): string {
  const path = slowMs === undefined ? (id === null ? '/' : '/orders') : `/slow?ms=${slowMs}`
  const cookies = jar === undefined || jar.empty ? '' : `Cookie: ${jar.header()}\r\n`
  const connection = keep ? '' : 'Connection: close\r\n'
  const common = `Host: ${url.host}\r\nUser-Agent: load\r\nAccept: */*\r\n${cookies}${connection}`
  if (id === null) return `GET ${path} HTTP/1.1\r\n${common}\r\n`
  const body = JSON.stringify({ id })
  const about = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`
  return `POST ${path} HTTP/1.1\r\n${common}${about}\r\n${body}`
}
