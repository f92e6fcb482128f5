import { UserError } from '../rollout/user-error.js'
import { HOLDS_RUNNER_LOCK } from './runner-lock.js'
import type { Session } from './session.js'

/** What an older version of this program may still read: the number before the first dot of the table's comment. */
const FORMAT = 1

const CREATE = `
  create schema if not exists tuesday;
  create table tuesday.migration (
    service text not null,
    id text not null,
    name text not null,
    checksum text not null,
    phase text not null check (phase in ('expand', 'contract')),
    safe_since text,
    state text not null check (state in ('waiting', 'running', 'applied')),
    statements_done integer not null default 0,
    statements_total integer not null,
    -- of the statements that are done: a short SHA-256 each, separated by blanks
    done_hashes text not null default '',
    -- the statement outside of transactions that was begun last
    begun integer,
    -- files that one run found pending together
    set_id text not null,
    repository text not null,
    run_id text not null,
    attempt integer not null,
    commit_sha text,
    accepted_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    primary key (service, id)
  );
  comment on table tuesday.migration is 'format ${FORMAT}: migrations that were applied, kept with the data so that a restored backup brings its own'`

/** Whether anything was ever recorded. @throws UserError where a newer version wrote it. */
export async function recordExists(session: Session): Promise<boolean> {
  const [row] = await session.run(
    `select obj_description(oid, 'pg_class') as comment from pg_class where oid = to_regclass('tuesday.migration')`,
  )
  if (row === undefined) return false
  const format = Number(/^format (\d+)/.exec(String(row['comment']))?.[1] ?? Number.NaN)
  if (format === FORMAT) return true
  throw new UserError(
    `tuesday.migration is not of format ${FORMAT} (its comment: ${JSON.stringify(row['comment'])}); nothing was changed`,
    { hint: 'Use the version of the action that wrote it, or a newer one.' },
  )
}

/** Makes schema and table of the record. */
export async function createRecord(session: Session): Promise<void> {
  await session.run(`begin; ${CREATE}; commit`).catch(async (error: unknown) => {
    await session.run('rollback').catch(() => undefined)
    throw error
  })
}

/** @throws an Error where another run could be at work: everything that is written stands on our holding the lock. */
export async function requireRunnerLock(session: Session): Promise<void> {
  const [row] = await session.run(`select ${HOLDS_RUNNER_LOCK} as held`)
  if (row?.['held'] !== true)
    throw Object.assign(new Error('the runner lock is gone'), { code: 'CONNECTION_CLOSED' })
}
