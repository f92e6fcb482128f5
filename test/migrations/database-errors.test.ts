import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { once } from 'node:events'
import { startServer } from './workbench.js'
import type { Bench } from './workbench.js'

let server: Awaited<ReturnType<typeof startServer>>
let bench: Bench
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  bench = await server.bench()
  bench.write({ '1_a.sql': 'CREATE TABLE a (id int)' })
})
afterEach(() => bench.close())

function address(change: (url: URL) => void): string {
  const url = new URL(bench.url)
  change(url)
  return url.href
}

/** Fails if any part of the address is in what was said. */
function expectSecret(text: string, url: string): void {
  const { username, password, host, hostname } = new URL(url)
  for (const part of [url, password, decodeURIComponent(password), `${username}:`, host, hostname])
    expect(text).not.toContain(part)
}

describe('a database that lets nobody in', () => {
  it.each<[string, (url: URL) => void, RegExp]>([
    [
      'refuses the password',
      (url) => (url.password = 'gu%40ssed'),
      /the database refused the password \(28P01\)/,
    ],
    ['has no such database', (url) => (url.pathname = '/elsewhere'), /no database of that name \(3D000\)/],
    [
      'does not listen',
      (url) => (url.port = '1'),
      /nothing listens at the address of the database \(ECONNREFUSED\)/,
    ],
    [
      'has no address',
      (url) => (url.hostname = 'db.invalid'),
      /the host of the database has no address|does not answer/,
    ],
    [
      'speaks no TLS',
      (url) => (url.search = '?sslmode=require'),
      /no encrypted connection to the database came about/,
    ],
  ])('%s', async (_, change, message) => {
    const databaseUrl = address(change)
    const failure = await bench.failure({ databaseUrl })
    expect(failure).toMatch(message)
    expectSecret(`${failure}${bench.lines.join()}`, databaseUrl)
  })

  it('is no PostgreSQL: whatever it sends, there is an end to it', async () => {
    const stranger: Server = createServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    await once(stranger.listen(0, '127.0.0.1'), 'listening')
    const databaseUrl = address((url) => (url.port = String((stranger.address() as AddressInfo).port)))
    const failure = await bench.failure({ databaseUrl, clock: { ...quickClock } })
    stranger.close()
    expect(failure).toMatch(/migrate: /)
    expectSecret(failure, databaseUrl)
  })
})

/** Time that runs ten times as fast, for waits that have to be waited out. */
const quickClock = {
  monotonicMs: () => performance.now() * 10,
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / 10)),
}

describe('an address that cannot be read', () => {
  it.each([
    ['mysql://root:hunter2@db/x', /is not an address of PostgreSQL/],
    ['hunter2', /is not an address of PostgreSQL/],
    ['postgres://shop:hunter2/x@db/x', /is not an address of PostgreSQL/],
    ['postgres://shop:hunter2%@db/x', /has a % that begins no escape/],
    ['postgres://shop:hunter2@db/x?sslrootcert=/ca.pem', /asks for sslrootcert, which is not supported/],
  ])('%s', async (databaseUrl, message) => {
    const failure = await bench.failure({ databaseUrl })
    expect(failure).toMatch(message)
    expect(failure).not.toContain('hunter2')
  })

  it('may carry keys that only other clients understand', async () => {
    const databaseUrl = address(
      (url) => (url.search = '?schema=public&connection_limit=1&channel_binding=require&sslmode=disable'),
    )
    expect(await bench.run({ databaseUrl })).toMatchObject({ applied: ['1_a.sql'] })
  })
})

describe('a database that refuses the work', () => {
  it('is read-only', async () => {
    const databaseUrl = address((url) => (url.search = '?default_transaction_read_only=on'))
    expect(await bench.failure({ databaseUrl })).toMatch(
      /transactions are read-only for this user or database/,
    )
  })

  it('gives too few rights', async () => {
    await bench.sql.unsafe(`create role reader login password 'quiet%word'`)
    const databaseUrl = address((url) => {
      url.username = 'reader'
      url.password = 'quiet%25word'
    })
    const failure = await bench.failure({ databaseUrl })
    expect(failure).toMatch(/permission denied for database .*42501.*\n.*needs CREATE on the database/)
    expect(failure).not.toMatch(/quiet/)
  })

  it('is gone in the middle, and then takes up again', async () => {
    bench.write({ '2_b.sql': 'CREATE TABLE b (id int); SELECT pg_sleep(30)' })
    const failure = bench.failure()
    const end = () =>
      bench.sql`select pg_terminate_backend(pid) from pg_stat_activity where query = 'SELECT pg_sleep(30)'`
    while ((await end()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await failure).toMatch(
      /migrate: the connection to the database was lost \(.*\)\nRun this step again/,
    )
    bench.write({ '2_b.sql': 'CREATE TABLE b (id int); SELECT 1' })
    expect(await bench.run()).toEqual({ applied: ['2_b.sql'], pending: [] })
  })

  it('was written by a newer version', async () => {
    await bench.run()
    await bench.sql`comment on table tuesday.migration is 'format 2: other columns'`
    expect(await bench.failure()).toMatch(/tuesday\.migration is not of format 1/)
  })

  it('repeats the address in an error, and it is taken out', async () => {
    const { password } = new URL(bench.url)
    bench.write({
      '2_b.sql': `DO $$ BEGIN RAISE NOTICE 'a ${password}'; RAISE EXCEPTION '${bench.url}'; END $$`,
    })
    const failure = await bench.failure()
    expect(failure).toMatch(/the database refused it: \*\*\*/)
    expect(`${failure}${bench.lines.join()}`).not.toContain(password)
    expect(bench.lines).toContain('the database says: a ***')
  })
})
