import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { run, startServer } from './workbench.js'
import type { Bench } from './workbench.js'
import { openWire } from './wire.js'
import type { Cut, Wire } from './wire.js'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

/** Each of them leaves a trace if it is done twice, or not at all. */
const files = {
  '1_letters.sql': `
    CREATE TABLE letters (id int GENERATED ALWAYS AS IDENTITY, body text);
    SET application_name = 'letters';
    INSERT INTO letters (body) VALUES ('one');
    BEGIN;
    INSERT INTO letters (body) VALUES ('two');
    INSERT INTO letters (body) VALUES (current_setting('application_name'));
    COMMIT;
    CREATE INDEX unwanted ON letters (body);`,
  '2_index.sql': `
    CREATE INDEX CONCURRENTLY by_body ON letters (body);
    DROP INDEX CONCURRENTLY unwanted;
    REINDEX INDEX CONCURRENTLY by_body;
    INSERT INTO letters (body) VALUES ('three');`,
  '3_more.sql': 'ALTER TABLE letters ADD COLUMN sent date; CREATE INDEX later ON letters (sent)',
}

async function expectAllDoneOnce(bench: Bench, cut: string): Promise<void> {
  const bodies = await bench.sql`select body from letters order by id`
  const indexes = await bench.sql`
    select indexrelid::regclass::text as name, indisvalid from pg_index where indrelid = 'letters'::regclass order by 1`
  const states =
    await bench.sql`select id, state, statements_done = statements_total as whole, begun from tuesday.migration order by id`
  const locks =
    await bench.sql`select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`
  expect({
    cut,
    bodies: bodies.map((row) => String(row['body'])),
    indexes: [...indexes],
    states: [...states],
    locks: [...locks],
  }).toEqual({
    cut,
    bodies: ['one', 'two', 'letters', 'three'],
    indexes: [
      { name: 'by_body', indisvalid: true },
      { name: 'later', indisvalid: true },
    ],
    states: ['1', '2', '3'].map((id) => ({ id, state: 'applied', whole: true, begun: null })),
    locks: [],
  })
}

async function over<Result>(
  bench: Bench,
  cut: Cut | undefined,
  work: (url: string, wire: Wire) => Promise<Result>,
): Promise<Result> {
  const url = new URL(bench.url)
  const wire = await openWire(new URL(url), cut)
  url.port = String(wire.port)
  try {
    return await work(url.href, wire)
  } finally {
    await wire.close()
  }
}

async function inFreshDatabase(work: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await server.bench()
  try {
    bench.write(files)
    await work(bench)
  } finally {
    await bench.close()
  }
}

/** What an undisturbed run sends, in order. */
async function messagesOfAnUndisturbedRun(): Promise<readonly string[]> {
  let messages: readonly string[] = []
  await inFreshDatabase(async (bench) => {
    messages = await over(bench, undefined, async (databaseUrl, wire) => {
      await bench.run({ databaseUrl })
      return wire.sent
    })
    await expectAllDoneOnce(bench, 'nowhere')
  })
  return messages
}

/**
 * After which messages the database is another than before: a query (Q) that writes, or what gives a parsed one (P) its
 * values and runs it. To the database, before a message is the same as after the one that was sent before it.
 */
function writing(messages: readonly string[]): number[] {
  const writes = /\b(insert|update|delete|create|alter|drop|reindex|commit)\b/i
  return messages.flatMap((message, index) => {
    if (!writes.test(message)) return []
    return message.startsWith('Q') ? [index + 1] : message.startsWith('P') ? [index + 2] : []
  })
}

describe('a run that ends anywhere', () => {
  it('is finished by the next one, and nothing is done twice: the connection cut after every message that writes', async () => {
    const points = writing(await messagesOfAnUndisturbedRun())
    expect(points.length).toBeGreaterThan(30)
    for (const at of points) {
      await inFreshDatabase(async (bench) => {
        const cut = { at, moment: 'after' } as const
        await over(bench, cut, (databaseUrl) => bench.run({ databaseUrl }).catch((error: unknown) => error))
        await bench.run()
        await expectAllDoneOnce(bench, `after message ${at}`)
      })
    }
  }, 120_000)

  it('is finished by the next one when its process is killed', async () => {
    const points = writing(await messagesOfAnUndisturbedRun())
    for (const [index, part] of [0.3, 0.5, 0.7, 0.9].entries()) {
      await inFreshDatabase(async (bench) => {
        const moment = index % 2 === 0 ? 'before' : 'after'
        const cut = { at: points[Math.round(points.length * part)] ?? 0, moment } as const
        expect(await killedAt(bench, cut)).toBe('SIGKILL')
        await bench.run()
        await expectAllDoneOnce(bench, `${moment} message ${cut.at}`)
      })
    }
  }, 60_000)
})

/** Runs it in a process of its own, kills that, and says what it died of. */
async function killedAt(bench: Bench, cut: Cut): Promise<unknown> {
  let kill = (): void => undefined
  return over(bench, { ...cut, also: () => kill() }, async (databaseUrl) => {
    const options = {
      directory: bench.directory,
      service: 'gazette',
      databaseUrl,
      phase: 'expand',
      dryRun: false,
      run,
    }
    const program = fileURLToPath(new URL('migrate-process.mjs', import.meta.url))
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program, JSON.stringify(options)],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    kill = () => void child.kill('SIGKILL')
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return signal
  })
}
