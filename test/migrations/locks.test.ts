import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
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
  await bench.sql`create table readings (id int, email text)`
})
afterEach(() => bench.close())

/** Begins a transaction that has read the table and stays open until `release`. */
async function reader(statement: string): Promise<{ pid: number; release(): Promise<void> }> {
  let release = (): void => undefined
  const held = Promise.withResolvers<number>()
  const until = new Promise<void>((resolve) => (release = resolve))
  const ended = bench.sql.begin(async (sql) => {
    const [row] = await sql`select pg_backend_pid() as pid`
    await sql.unsafe(statement)
    held.resolve(Number(row?.['pid']))
    await until
  })
  ended.catch(held.reject)
  const pid = await held.promise
  return {
    pid,
    async release() {
      release()
      await ended
    },
  }
}

const said = (part: RegExp): boolean => bench.lines.some((line) => part.test(line))

async function untilSaid(part: RegExp): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!said(part)) {
    if (performance.now() > deadline) throw new Error(`never said ${part}: ${bench.lines.join('\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('a table that somebody reads', () => {
  it('is changed once they are done, and names them while it waits, without what they asked for', async () => {
    const holder = await reader(`select * from readings where email = 'ann@example.org'`)
    bench.write({ '1_a.sql': 'ALTER TABLE readings ADD COLUMN day date' })
    const migrated = bench.run()
    await untilSaid(/gave way after 250 ms/)
    await holder.release()
    expect(await migrated).toMatchObject({ applied: ['1_a.sql'] })
    const line = bench.lines.find((one) => one.includes('gave way after 200 ms')) ?? ''
    expect(line).toContain(`1_a.sql:1:1: gave way after 200 ms to process ${holder.pid}, user postgres`)
    expect(line).toMatch(/holds AccessShareLock on readings, in a transaction for \ds, idle in transaction: /)
    expect(line).toMatch(/attempt 2 in \d+ ms$/)
    expect(bench.lines.join('\n')).not.toContain('ann@')
  })

  it('stays readable: no reader waits for longer than one short lock', async () => {
    const holder = await reader('select * from readings')
    bench.write({ '1_a.sql': 'ALTER TABLE readings ADD COLUMN day date' })
    const migrated = bench.run()
    let longest = 0
    while (!said(/gave way after 313 ms/)) {
      const started = performance.now()
      await bench.sql`select * from readings`
      longest = Math.max(longest, performance.now() - started)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await holder.release()
    await migrated
    expect(longest).toBeLessThan(600)
  })

  it('is not waited for when the job is cancelled', async () => {
    const holder = await reader('select * from readings')
    bench.write({ '1_a.sql': 'ALTER TABLE readings ADD COLUMN day date' })
    const cancelling = new AbortController()
    const failure = bench.failure({ signal: cancelling.signal })
    await untilSaid(/gave way/)
    cancelling.abort(new Error('cancelled'))
    expect(await failure).toMatch(
      /migrate was interrupted; what was done is recorded.*\n.*goes on where it stopped/,
    )
    await holder.release()
    expect(await bench.run()).toMatchObject({ applied: ['1_a.sql'] })
  })
})

describe('a statement that takes long', () => {
  it('is cancelled after five seconds if it only changes metadata', async () => {
    await bench.sql`insert into readings values (1, 'a')`
    await bench.sql.unsafe(
      `create function slow(text) returns boolean language sql as $$ select pg_sleep(30) is not null $$`,
    )
    bench.write({ '1_a.sql': 'ALTER TABLE readings ADD CONSTRAINT c CHECK (slow(email))' })
    expect(await bench.failure()).toMatch(
      /1_a\.sql:1:1: the database refused it: it ran for 5s, and everybody waits/,
    )
  })

  it('is cancelled at once with the job', async () => {
    bench.write({ '1_a.sql': 'CREATE TABLE first (id int); SELECT pg_sleep(60)' })
    const cancelling = new AbortController()
    const failure = bench.failure({ signal: cancelling.signal })
    const sleeping = async (): Promise<boolean> =>
      (
        await bench.sql`select 1 from pg_stat_activity where query = 'SELECT pg_sleep(60)' and state = 'active'`
      ).length > 0
    while (!(await sleeping())) await new Promise((resolve) => setTimeout(resolve, 5))
    const started = performance.now()
    cancelling.abort(new Error('cancelled'))
    await failure
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(await sleeping()).toBe(false)
  })
})

describe('two runs at once', () => {
  it('take turns: the second finds the work of the first done', async () => {
    bench.write({
      '1_a.sql': 'CREATE TABLE a (id int); SELECT pg_sleep(0.5)',
      '2_b.sql': 'CREATE TABLE b (id int)',
    })
    const results = await Promise.all([
      bench.run(),
      bench.run({ run: { repository: 'acme/gazette', runId: '1002', attempt: 3 } }),
    ])
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 2])
    expect(
      said(
        /another run is migrating this database: tuesday migrate acme\/gazette 100[12]\.[13], process \d+/,
      ),
    ).toBe(true)
    expect(await bench.sql`select 1 from pg_locks where locktype = 'advisory'`).toEqual([])
  })
})

describe('an index that is built while others write', () => {
  const index = 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_email ON readings (email);\nSELECT 1'

  it('is built, and who holds it up is named', async () => {
    const holder = await reader('update readings set id = 2')
    bench.write({ '1_a.sql': index })
    const migrated = bench.run()
    await untilSaid(new RegExp(`1_a\\.sql:1:1: waits for process ${holder.pid}`))
    await holder.release()
    expect(await migrated).toMatchObject({ applied: ['1_a.sql'] })
    expect(await bench.sql`select indisvalid from pg_index where indexrelid = 'one_email'::regclass`).toEqual(
      [{ indisvalid: true }],
    )
  })

  it('leaves nothing behind when it cannot be built', async () => {
    await bench.sql`insert into readings values (1, 'a'), (2, 'a')`
    bench.write({ '1_a.sql': index })
    expect(await bench.failure()).toMatch(
      /1_a\.sql:1:1: the database refused it: could not create unique index "one_email" \(23505\)/,
    )
    expect(await bench.sql`select to_regclass('one_email') as index`).toEqual([{ index: null }])
    await bench.sql`delete from readings where id = 2`
    expect(await bench.run()).toMatchObject({ applied: ['1_a.sql'] })
  })

  it('is built anew where an INVALID one of that name is left', async () => {
    await bench.sql`insert into readings values (1, 'a'), (2, 'a')`
    await expect(
      bench.sql.unsafe('create unique index concurrently one_email on readings (email)'),
    ).rejects.toThrow('could not create')
    await bench.sql`delete from readings where id = 2`
    bench.write({ '1_a.sql': index })
    await bench.run()
    expect(said(/public\.one_email is INVALID, left by a build that did not end well/)).toBe(true)
    expect(await bench.sql`select indisvalid from pg_index where indexrelid = 'one_email'::regclass`).toEqual(
      [{ indisvalid: true }],
    )
  })

  it('is not taken for done when another index of that name is there', async () => {
    await bench.sql`create index one_email on readings (id)`
    bench.write({ '1_a.sql': index.replace('IF NOT EXISTS ', '') })
    expect(await bench.failure()).toMatch(/relation "one_email" already exists/)
    expect(await bench.failure()).toMatch(/relation "one_email" already exists/)
  })
})
