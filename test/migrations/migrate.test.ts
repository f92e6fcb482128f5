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
})
afterEach(() => bench.close())

const records = () => bench.sql`select * from tuesday.migration order by id, service`
const tables = async (): Promise<string[]> =>
  (await bench.sql`select tablename from pg_tables where schemaname = 'public' order by 1`).map((row) =>
    String(row['tablename']),
  )

describe('applying', () => {
  it('applies what is pending in the order of its numbers, once, and records it', async () => {
    bench.write({
      '10_subscribers.sql': 'CREATE TABLE subscribers (id int REFERENCES authors)',
      '9_authors.sql':
        '-- who writes\nCREATE TABLE authors (id int PRIMARY KEY);\nCREATE INDEX ON authors (id);\n',
      '9_authors.down.sql': 'DROP TABLE authors',
      'notes.txt': 'not SQL',
    })
    expect(await bench.run()).toEqual({ applied: ['9_authors.sql', '10_subscribers.sql'], pending: [] })
    expect(await bench.run({ run: { repository: 'acme/gazette', runId: '1002', attempt: 1 } })).toEqual({
      applied: [],
      pending: [],
    })
    expect(await records()).toMatchObject([
      { id: '10', state: 'applied', statements_done: 1, statements_total: 1, run_id: '1001', attempt: 1 },
      {
        id: '9',
        state: 'applied',
        statements_done: 2,
        phase: 'expand',
        repository: 'acme/gazette',
        commit_sha: 'c0ffee',
      },
    ])
    expect(bench.lines.at(-1)).toBe('nothing to apply in phase expand')
  })

  it('keeps the records of several services on one database apart', async () => {
    bench.write({ '1_authors.sql': 'CREATE TABLE authors (id int)' })
    await bench.run()
    bench.write({ '1_authors.sql': 'CREATE TABLE readers (id int)' })
    expect((await bench.run({ service: 'archive' })).applied).toEqual(['1_authors.sql'])
    expect(await records()).toMatchObject([
      { service: 'archive', id: '1', state: 'applied' },
      { service: 'gazette', id: '1', state: 'applied' },
    ])
  })

  it('applies contracts in their own phase, and lists them as pending before', async () => {
    bench.write({
      'expand/1_authors.sql': 'CREATE TABLE authors (id int, pen_name text, born date)',
      'contract/2_no_pen_names.sql': 'ALTER TABLE authors DROP COLUMN pen_name',
      '3_born.sql':
        '-- Later.\n-- tuesday: phase=contract safe-since=v7\nALTER TABLE authors DROP COLUMN born',
      '4_alive.sql': 'ALTER TABLE authors ADD COLUMN alive boolean',
    })
    const pending = ['contract/2_no_pen_names.sql', '3_born.sql']
    expect(await bench.run()).toEqual({ applied: ['expand/1_authors.sql', '4_alive.sql'], pending })
    expect(await bench.run({ phase: 'contract' })).toEqual({ applied: pending, pending: [] })
    expect(await records()).toMatchObject([
      { id: '1' },
      { id: '2', safe_since: null },
      { id: '3', safe_since: 'v7' },
      { id: '4' },
    ])
    expect(Object.keys((await bench.sql`select * from authors`).columns)).toHaveLength(2)
  })

  it('refuses a contract before the expands that come before it', async () => {
    bench.write({ '1_a.sql': 'CREATE TABLE a (id int)', 'contract/2_a.sql': 'DROP TABLE a' })
    expect(await bench.failure({ phase: 'contract' })).toMatch(
      /2_a\.sql waits for what comes before it: db\/1_a\.sql/,
    )
  })

  it('says in a dry run what it would do, and does nothing', async () => {
    bench.write({ '1_a.sql': 'CREATE TABLE a (id int)', 'contract/2_a.sql': 'DROP TABLE a' })
    expect(await bench.run({ dryRun: true })).toEqual({
      applied: [],
      pending: ['1_a.sql', 'contract/2_a.sql'],
    })
    expect(bench.lines).toEqual([`would apply ${bench.directory}/1_a.sql`])
    expect(await bench.sql`select 1 from pg_namespace where nspname = 'tuesday'`).toEqual([])
  })

  it('keeps what stands between BEGIN and COMMIT together, and nothing else', async () => {
    bench.write({
      '1_a.sql':
        'CREATE TABLE a (id int); BEGIN; INSERT INTO a VALUES (1); INSERT INTO a VALUES (1 / 0); COMMIT; CREATE TABLE b (id int)',
    })
    expect(await bench.failure()).toMatch(
      /1_a\.sql:1:59: the database refused it: division by zero \(22012\)\nThe first 1 of 6 statements/,
    )
    expect(await bench.sql`select * from a`).toEqual([])
    expect(await tables()).toEqual(['a'])
  })

  it('goes on where the database refused a statement, when the file is mended', async () => {
    const first = 'CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1);\n'
    bench.write({ '1_a.sql': `${first}INSERT INTO a\n  SELECT 'ü', nothing;` })
    expect(await bench.failure()).toMatch(
      /1_a\.sql:4:15: the database refused it: column "nothing" does not exist \(42703\)/,
    )
    bench.write({
      '1_a.sql':
        'CREATE TABLE a (id bigint PRIMARY KEY);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2)',
    })
    expect(await bench.failure()).toMatch(
      /1_a\.sql:1:1: statement 1 was edited or removed after it had been applied/,
    )
    bench.write({ '1_a.sql': `${first}INSERT INTO a VALUES (2)` })
    expect(await bench.run()).toMatchObject({ applied: ['1_a.sql'] })
    expect(await bench.sql`select id from a order by 1`).toEqual([{ id: 1 }, { id: 2 }])
  })

  it('lets SET hold to the end of its file and not beyond, also when it goes on', async () => {
    bench.write({
      '1_a.sql': 'CREATE SCHEMA press; SET search_path = press; CREATE TABLE a (id int); SELECT missing()',
    })
    await bench.failure()
    bench.write({
      '1_a.sql':
        'CREATE SCHEMA press; SET search_path = press; CREATE TABLE a (id int); CREATE TABLE b (id int)',
      '2_c.sql': 'CREATE TABLE c (id int)',
    })
    await bench.run()
    expect(await tables()).toEqual(['c'])
    expect(await bench.sql`select count(*)::int as n from pg_tables where schemaname = 'press'`).toEqual([
      { n: 2 },
    ])
  })
})

describe('refusing', () => {
  it('refuses what breaks the live release, all of it at once, and changes nothing', async () => {
    await bench.sql`create table authors (id int, pen_name text)`
    bench.write({
      '1_ok.sql': 'CREATE TABLE letters (id int)',
      '2_bad.sql':
        '\n  ALTER TABLE authors\n    DROP COLUMN pen_name;\nCREATE INDEX by_id ON authors (id);\nCREATE INDEX ON letters (id);',
    })
    const failure = await bench.failure()
    expect(failure).toMatch(
      /db\/2_bad\.sql:2:3: dropping authors\.pen_name breaks .*\[drop-column\]\. Safe: /,
    )
    expect(failure).toMatch(
      /db\/2_bad\.sql:4:1: CREATE INDEX without CONCURRENTLY blocks .*CREATE INDEX CONCURRENTLY by_id ON authors/,
    )
    expect(failure).toMatch(/contract\//)
    expect(failure.match(/2_bad\.sql/g)).toHaveLength(2)
    expect(await tables()).toEqual(['authors'])
    expect(await bench.sql`select 1 from pg_namespace where nspname = 'tuesday'`).toEqual([])
  })

  it('does not take IF NOT EXISTS on a table that is there for a new table', async () => {
    await bench.sql`create table authors (id int)`
    bench.write({ '1_a.sql': 'CREATE TABLE IF NOT EXISTS authors (id int); CREATE INDEX ON authors (id)' })
    expect(await bench.failure()).toMatch(/index-blocks-writes/)
  })

  it('still takes for new what the same set created before it was interrupted', async () => {
    bench.write({
      '1_a.sql': 'CREATE TABLE IF NOT EXISTS letters (id int)',
      '2_b.sql': 'CREATE INDEX ON letters (nothing)',
    })
    await bench.failure()
    expect(await tables()).toEqual(['letters'])
    bench.write({ '2_b.sql': 'CREATE INDEX ON letters (id)' })
    expect(await bench.run()).toMatchObject({ applied: ['2_b.sql'] })
    bench.write({ '3_c.sql': 'CREATE INDEX ON letters (id)' })
    expect(await bench.failure()).toMatch(/3_c\.sql:1:1: .*index-blocks-writes/)
  })

  it('names file, line and column of what PostgreSQL cannot parse, in every file', async () => {
    bench.write({
      '1_a.sql': "SELECT 'é😀';\nCREATE TABEL a (id int)",
      '2_b.sql': 'SELECT 1;\n\\i other.sql\n',
      '3_c.sql': 'COPY a FROM stdin;\n1\n\\.\n',
    })
    const failure = await bench.failure()
    expect(failure).toMatch(/db\/1_a\.sql:2:8: syntax error at or near "TABEL"/)
    expect(failure).toMatch(/db\/2_b\.sql:2:1: \\i is a command of psql, not SQL/)
    expect(failure).toMatch(/db\/3_c\.sql:2:1: COPY … FROM STDIN takes its rows from psql/)
  })

  it('refuses an applied file that was edited, and not one whose line endings git has changed', async () => {
    bench.write({ '1_a.sql': 'CREATE TABLE a (id int);\n-- end\n' })
    await bench.run()
    bench.write({ '1_a.sql': 'CREATE TABLE a (id int);\r\n-- end\r\n' })
    await bench.run()
    bench.write({ '1_a.sql': 'CREATE TABLE a (id bigint);\n' })
    expect(await bench.failure()).toMatch(
      /db\/1_a\.sql was edited after it had been applied \(acme\/gazette, run 1001, attempt 1\)/,
    )
  })

  it('refuses what an interrupted run would have no way to take up again', async () => {
    bench.write({
      '1_a.sql':
        'CREATE INDEX CONCURRENTLY ON a (id);\nBEGIN;\nVACUUM a;\nCOMMIT;\nROLLBACK;\nSET ROLE editor;\nCREATE DATABASE x;\nBEGIN',
    })
    const failure = await bench.failure()
    const lines = [...failure.matchAll(/1_a\.sql:(\d)/g)].map(([, line]) => Number(line))
    expect(lines).toEqual([1, 3, 5, 6, 7, 8])
    expect(failure).toMatch(/give the index a name/)
  })

  it('notices what comes out of order, and applies it', async () => {
    bench.write({ '1_a.sql': 'CREATE TABLE a (id int)', '3_c.sql': 'CREATE TABLE c (id int)' })
    await bench.run()
    bench.write({ '2_b.sql': 'CREATE TABLE b (id int)' })
    expect(await bench.run()).toMatchObject({ applied: ['2_b.sql'] })
    expect(bench.lines.join('\n')).toMatch(/2_b\.sql comes out of order: 3_c\.sql is applied already/)
  })

  it('does not mind an older directory, but wants a half-done file back', async () => {
    bench.write({ '1_a.sql': 'CREATE TABLE a (id int)', '2_b.sql': 'CREATE TABLE b (id int)' })
    await bench.run()
    bench.remove('2_b.sql')
    expect(await bench.run()).toEqual({ applied: [], pending: [] })
    expect(bench.lines.join('\n')).toMatch(/not in this directory .*2_b\.sql/)
    bench.write({ '3_c.sql': 'CREATE TABLE c (id int); SELECT missing()' })
    await bench.failure()
    bench.remove('3_c.sql')
    expect(await bench.failure()).toMatch(
      /3_c\.sql is half done \(1 of 2 statements, by acme\/gazette, run 1001/,
    )
  })
})

it('keeps services apart that share a database', async () => {
  bench.write({ '1_a.sql': 'CREATE TABLE a (id int)' })
  await bench.run({ service: 'shop' })
  bench.write({ '1_a.sql': 'CREATE TABLE b (id int)' })
  expect(await bench.run({ service: 'blog' })).toMatchObject({ applied: ['1_a.sql'] })
})
