import { randomUUID } from 'node:crypto'
import { UserError } from '../rollout/user-error.js'
import { applyMigration } from './apply-migration.js'
import type { Prepared } from './apply-migration.js'
import { blockersOf } from './blockers.js'
import type { MigrationClock } from './clock.js'
import { isConnectionLost, serverMessage, codeOf } from './database-errors.js'
import { readDatabaseUrl } from './database-url.js'
import type { DatabaseUrl } from './database-url.js'
import type { MigrationFile } from './migration-file.js'
import type { Phase } from './phase.js'
import { prepare } from './prepare.js'
import { readDirectory } from './read-directory.js'
import { createRecord, recordExists } from './record-format.js'
import { MigrationRecord } from './record.js'
import type { Run } from './record.js'
import { takeRunnerLock } from './runner-lock.js'
import { openSession, requireWritable } from './session.js'
import type { Session } from './session.js'
import { shownLine } from './shown-text.js'
import { refuseContractsTooEarly, standingOf } from './standing.js'
import type { Standing } from './standing.js'
import { loadParser } from './statements.js'
import type { SqlParser } from './statements.js'

export interface MigrateOptions {
  /** Folder of the migrations: SQL files in it, in its `expand/` and its `contract/`. */
  readonly directory: string
  /** `postgres://user:password@host:5432/database`, directly to the server. Never printed. */
  readonly databaseUrl: string
  /** Which migrations: `expand` before a release, `contract` when no older one may serve again. */
  readonly phase: Phase
  /** Say what would be applied, refuse what would be refused, and change nothing. */
  readonly dryRun: boolean
  /** Whose work it is: recorded with each migration, and shown to whoever waits for the lock. */
  readonly run: Run
  /** Whose migrations they are: several services on one database each have records of their own. */
  readonly service: string
  /** Takes one line of the log. */
  readonly narrate: (line: string) => void
  /** Ends it between statements, or in the middle of one, which is then undone. */
  readonly signal: AbortSignal
  readonly clock: MigrationClock
}

export interface Migrated {
  /** What this run applied: names below the directory. */
  readonly applied: readonly string[]
  /** What is still to be applied, in either phase. */
  readonly pending: readonly string[]
}

/**
 * Applies the pending migrations of a phase, in order and one run at a time, and records each with its checksum in the
 * schema `tuesday` of the database itself. Killed anywhere, the next call goes on where it stopped; nothing is done
 * twice.
 *
 * @throws MigrationsRefused before anything is changed, if a statement would break or block the live release, cannot be
 *   parsed or cannot be run; MigrationFailed if the database refuses one; UserError if the database cannot be used, if
 *   an applied file was edited, or if it was interrupted.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const files = await readDirectory(options.directory)
  const parser = await loadParser()
  const url = readDatabaseUrl(options.databaseUrl)
  options.signal.throwIfAborted()
  const sessions: Session[] = []
  const open = async (): Promise<Session> => {
    const session = await openSession({
      url,
      clock: options.clock,
      applicationName: applicationName(options.run),
      onNotice: (message) => options.narrate(`the database says: ${shownLine(url.redact(message))}`),
    })
    sessions.push(session)
    return session
  }
  try {
    const session = await open()
    return await new Migrating({ options, files, parser, url, session, open }).run()
  } catch (error) {
    throw explained(error, url, options.signal)
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}

/** What others see in pg_stat_activity. PostgreSQL keeps 63 bytes of printable ASCII. */
function applicationName({ repository, runId, attempt }: Run): string {
  return `tuesday migrate ${repository} ${runId}.${attempt}`.replace(/[^ -~]/g, '?').slice(0, 63)
}

/** Everything that was not foreseen closer to where it happened, and that a user can mend all the same. */
function explained(error: unknown, url: DatabaseUrl, signal: AbortSignal): unknown {
  if (error instanceof UserError && !signal.aborted) return error
  const goesOn = 'Run this step again: it goes on where it stopped.'
  if (signal.aborted)
    return new UserError(
      'migrate was interrupted; what was done is recorded, and the statement at work was undone',
      { hint: goesOn },
    )
  if (isConnectionLost(error))
    return new UserError(`migrate: the connection to the database was lost (${codeOf(error)})`, {
      hint: goesOn,
    })
  if (codeOf(error) === '42501')
    return new UserError(`migrate: ${serverMessage(error, url)}`, {
      hint: 'The user of the database URL needs CREATE on the database, for the schema `tuesday` in which migrations are recorded.',
    })
  if (/^[0-9A-Z]{5}$/.test(codeOf(error)))
    return new UserError(`migrate: the database refused it: ${serverMessage(error, url)}`, { hint: goesOn })
  return error
}

interface Inside {
  readonly options: MigrateOptions
  readonly files: readonly MigrationFile[]
  readonly parser: SqlParser
  readonly url: DatabaseUrl
  readonly session: Session
  /** Opens a second session, to look at the first one from outside. */
  readonly open: () => Promise<Session>
}

class Migrating {
  readonly #inside: Inside
  readonly #record: MigrationRecord

  constructor(inside: Inside) {
    this.#inside = inside
    this.#record = new MigrationRecord(inside.session, inside.options.service)
  }

  async run(): Promise<Migrated> {
    const { options, files, session } = this.#inside
    if (!options.dryRun) {
      await requireWritable(session)
      await takeRunnerLock(session, options)
    }
    const known = await recordExists(session)
    const standing = standingOf(files, known ? await this.#record.read() : [])
    for (const note of standing.notes) options.narrate(shownLine(note))
    const chosen = standing.pending.filter(({ phase }) => phase === options.phase)
    refuseContractsTooEarly(options.phase, standing.pending)
    const prepared = await this.#prepare(chosen, standing)
    if (options.dryRun) return this.#wouldDo(chosen, standing)
    if (prepared.length > 0) {
      if (!known) await createRecord(session)
      await this.#apply(prepared, standing)
    }
    return this.#done(chosen, standing)
  }

  #prepare(chosen: readonly MigrationFile[], standing: Standing): Promise<readonly Prepared[]> {
    const { parser, files, options } = this.#inside
    const set = unfinishedSet(chosen, standing)
    const before = files.filter(({ id }) => {
      const record = standing.recorded.get(id)
      return record?.state === 'applied' && record.setId === set
    })
    return prepare(chosen, {
      parser,
      before,
      recorded: standing.recorded,
      existing: (names) => this.#existing(names),
      narrate: options.narrate,
    })
  }

  async #existing(names: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    for (const name of names) {
      const quoted = name.split('.').map((part) => `"${part.replaceAll('"', '""')}"`)
      const [row] = await this.#inside.session.run('select to_regclass($1) is not null as there', [
        quoted.join('.'),
      ])
      if (row?.['there'] === true) found.add(name)
    }
    return found
  }

  async #apply(prepared: readonly Prepared[], standing: Standing): Promise<void> {
    const { options, session, url, parser, open } = this.#inside
    const set =
      unfinishedSet(
        prepared.map(({ file }) => file),
        standing,
      ) ?? randomUUID()
    for (const { id } of standing.forgotten) await this.#record.forget(id)
    for (const { file, statements } of prepared)
      await this.#record.accept(file, statements.length, set, options.run)
    const observer = await open()
    const look = () => blockersOf(session.pid, observer, (sql) => url.redact(parser.withoutValues(sql)))
    const cancel = (): void =>
      void observer.run('select pg_cancel_backend($1)', [session.pid]).catch(() => undefined)
    options.signal.addEventListener('abort', cancel, { once: true })
    try {
      for (const migration of prepared) {
        options.signal.throwIfAborted()
        const started = options.clock.monotonicMs()
        await applyMigration(migration, progressOf(migration, standing), {
          ...options,
          session,
          record: this.#record,
          url,
          look,
        })
        options.narrate(
          `applied ${migration.file.path} in ${Math.round(options.clock.monotonicMs() - started)} ms`,
        )
      }
    } finally {
      options.signal.removeEventListener('abort', cancel)
    }
  }

  #wouldDo(chosen: readonly MigrationFile[], standing: Standing): Migrated {
    for (const { path } of chosen) this.#inside.options.narrate(`would apply ${path}`)
    return { applied: [], pending: standing.pending.map(({ name }) => name) }
  }

  #done(chosen: readonly MigrationFile[], standing: Standing): Migrated {
    const { phase, narrate } = this.#inside.options
    const pending = standing.pending.filter((file) => !chosen.includes(file)).map(({ name }) => name)
    if (chosen.length === 0) narrate(`nothing to apply in phase ${phase}`)
    if (pending.length > 0)
      narrate(`pending in phase ${phase === 'expand' ? 'contract' : 'expand'}: ${pending.join(', ')}`)
    return { applied: chosen.map(({ name }) => name), pending }
  }
}

/** The set that an earlier run of these files began and did not end. */
function unfinishedSet(chosen: readonly MigrationFile[], { recorded }: Standing): string | undefined {
  return chosen.map(({ id }) => recorded.get(id)?.setId).find((set) => set !== undefined)
}

/** What is done of a migration; what was begun of another text says nothing about this one. */
function progressOf({ file }: Prepared, { recorded }: Standing): { done: number; begun: number | undefined } {
  const record = recorded.get(file.id)
  return { done: record?.done ?? 0, begun: record?.checksum === file.checksum ? record.begun : undefined }
}
