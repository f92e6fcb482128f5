import type { MigrationFile } from './migration-file.js'
import type { Phase } from './phase.js'
import type { Row, Session } from './session.js'

/** What the database knows of one migration. */
export interface RecordedMigration {
  readonly id: string
  readonly name: string
  readonly checksum: string
  readonly phase: Phase
  /** `waiting`: accepted with others and not begun. `running`: begun, and maybe left by a run that was killed. */
  readonly state: 'waiting' | 'running' | 'applied'
  readonly done: number
  readonly total: number
  /** Of each statement that is done. */
  readonly doneHashes: readonly string[]
  /** Index of the statement outside of transactions that was begun last, if its end is not recorded. */
  readonly begun: number | undefined
  readonly setId: string
  /** Who: `acme/shop, run 12, attempt 1`. */
  readonly by: string
}

/** Whose work it is. */
export interface Run {
  readonly repository: string
  readonly runId: string
  readonly attempt: number
  readonly commit?: string | undefined
}

/** Reads and writes what the database knows of the migrations of one service. */
export class MigrationRecord {
  readonly #session: Session
  readonly #service: string

  constructor(session: Session, service: string) {
    this.#session = session
    this.#service = service
  }

  async read(): Promise<readonly RecordedMigration[]> {
    const rows = await this.#session.run('select * from tuesday.migration where service = $1', [
      this.#service,
    ])
    return rows.map(fromRow)
  }

  /** Notes a file that will be run, in one set with others; what was noted of its statements before is kept. */
  async accept(file: MigrationFile, total: number, setId: string, run: Run): Promise<void> {
    await this.#session.run(
      `insert into tuesday.migration
         (service, id, name, checksum, phase, safe_since, state, statements_total, set_id, repository, run_id, attempt, commit_sha)
       values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9, $10, $11, $12)
       on conflict (service, id) do update set
         name = excluded.name, checksum = excluded.checksum, phase = excluded.phase, safe_since = excluded.safe_since,
         statements_total = excluded.statements_total, set_id = excluded.set_id, repository = excluded.repository,
         run_id = excluded.run_id, attempt = excluded.attempt, commit_sha = excluded.commit_sha,
         -- what was begun of another text says nothing about this one
         begun = case when migration.checksum = excluded.checksum then migration.begun end
       where migration.state <> 'applied'`,
      [
        this.#service,
        file.id,
        file.name,
        file.checksum,
        file.phase,
        file.safeSince ?? null,
        total,
        setId,
        run.repository,
        run.runId,
        run.attempt,
        run.commit ?? null,
      ],
    )
  }

  /** Forgets a file that was accepted, never begun, and is gone from the directory. */
  async forget(id: string): Promise<void> {
    await this.#session.run(
      `delete from tuesday.migration where service = $1 and id = $2 and state = 'waiting' and statements_done = 0`,
      [this.#service, id],
    )
  }

  /** Notes that a statement outside of transactions begins: what a later run finds of it may be half of it. */
  async begin(id: string, index: number): Promise<void> {
    await this.#session.run(
      `update tuesday.migration set begun = $3, state = 'running', started_at = coalesce(started_at, now())
       where service = $1 and id = $2`,
      [this.#service, id, index],
    )
  }

  /**
   * Notes that statements are done; inside the transaction that does them, where there is one.
   * @throws an Error if the record says something else than what we know: then somebody else is at work.
   */
  async advance(
    id: string,
    { from, to, hashes }: { from: number; to: number; hashes: readonly string[] },
  ): Promise<void> {
    const rows = await this.#session.run(
      `update tuesday.migration set
         statements_done = $4, done_hashes = trim(done_hashes || ' ' || $5), begun = null,
         started_at = coalesce(started_at, clock_timestamp()),
         state = case when $4 = statements_total then 'applied' else 'running' end,
         finished_at = case when $4 = statements_total then clock_timestamp() end
       where service = $1 and id = $2 and statements_done = $3 and state <> 'applied'
       returning statements_done`,
      [this.#service, id, from, to, hashes.join(' ')],
    )
    if (rows.length !== 1) throw new Error(`the record of migration ${id} was changed by somebody else`)
  }

  /** Notes a file without statements. */
  async finishEmpty(id: string): Promise<void> {
    await this.#session.run(
      `update tuesday.migration set state = 'applied', started_at = now(), finished_at = now()
       where service = $1 and id = $2 and statements_total = 0`,
      [this.#service, id],
    )
  }
}

function fromRow(row: Row): RecordedMigration {
  const text = (key: string): string => String(row[key])
  const hashes = text('done_hashes')
  return {
    id: text('id'),
    name: text('name'),
    checksum: text('checksum'),
    phase: row['phase'] === 'contract' ? 'contract' : 'expand',
    state: row['state'] === 'applied' ? 'applied' : row['state'] === 'running' ? 'running' : 'waiting',
    done: Number(row['statements_done']),
    total: Number(row['statements_total']),
    doneHashes: hashes === '' ? [] : hashes.split(' '),
    begun: row['begun'] === null ? undefined : Number(row['begun']),
    setId: text('set_id'),
    by: `${text('repository')}, run ${text('run_id')}, attempt ${text('attempt')}`,
  }
}
