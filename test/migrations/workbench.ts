import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import type { Sql } from 'postgres'
import { migrate } from '../../src/migrations/migrate.js'
import type { Migrated, MigrateOptions } from '../../src/migrations/migrate.js'
import type { MigrationClock } from '../../src/migrations/clock.js'
import { startPostgres } from '../testbed/postgres.js'

/** Real time. */
export const clock: MigrationClock = {
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
      if (signal?.aborted === true) done()
    }),
}

/** A directory of migrations, a database, and what `migrate` says while it works. */
export interface Bench {
  readonly directory: string
  readonly url: string
  readonly sql: Sql
  readonly lines: string[]
  write(files: Readonly<Record<string, string>>): void
  remove(name: string): void
  run(options?: Partial<MigrateOptions>): Promise<Migrated>
  /** The message and hint of the error that it must end with. */
  failure(options?: Partial<MigrateOptions>): Promise<string>
  close(): Promise<void>
}

/** A PostgreSQL of its own, and databases in it. */
export async function startServer(): Promise<{
  url: string
  bench(): Promise<Bench>
  stop(): Promise<void>
}> {
  const server = await startPostgres()
  const admin = postgres(server.url, { max: 1, onnotice: () => undefined })
  let count = 0
  return {
    url: server.url,
    async bench() {
      count += 1
      const name = `bench_${count}`
      await admin.unsafe(`create database ${name}`)
      const url = new URL(server.url)
      url.pathname = `/${name}`
      return benchOn(url.href)
    },
    async stop() {
      await admin.end()
      await server.stop()
    },
  }
}

export const run = { repository: 'acme/gazette', runId: '1001', attempt: 1, commit: 'c0ffee' }

function benchOn(url: string): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'tuesday-migrations-'))
  const sql = postgres(url, { max: 3, onnotice: () => undefined, idle_timeout: 1 })
  const lines: string[] = []
  const narrate = (line: string): void => void lines.push(line)
  const perform = (options: Partial<MigrateOptions> = {}): Promise<Migrated> =>
    migrate({
      directory,
      service: 'gazette',
      databaseUrl: url,
      phase: 'expand',
      dryRun: false,
      run,
      narrate,
      signal: new AbortController().signal,
      clock,
      ...options,
    })
  return {
    directory,
    url,
    sql,
    lines,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, name)), { recursive: true })
        writeFileSync(join(directory, name), text)
      }
    },
    remove: (name) => rmSync(join(directory, name)),
    run: perform,
    async failure(options) {
      try {
        await perform(options)
      } catch (error) {
        if (!(error instanceof Error) || !('hint' in error)) throw error
        return `${error.message}\n${String(error.hint)}`.replaceAll(directory, 'db')
      }
      throw new Error('it succeeded')
    },
    async close() {
      await sql.end()
      rmSync(directory, { recursive: true })
    },
  }
}
