import type { Node } from 'libpg-query'
import { UserError } from '../rollout/user-error.js'
import { objectParts, relationParts } from './rules/names.js'
import type { Session } from './session.js'
import type { Workplace } from './workplace.js'

/** `invalid`: what is left of a build that did not end well. Nothing reads it, and every write pays for it. */
export type IndexState = 'absent' | 'valid' | 'invalid'

interface Found {
  readonly state: IndexState
  /** Quoted, with its schema. */
  readonly name: string
  /** Process of the server that is building it at this moment. */
  readonly builder: number | undefined
}

/** The index that a CREATE or DROP INDEX CONCURRENTLY is about; `absent` for all other statements. */
export async function stateOfIndexes(node: Node, session: Session): Promise<IndexState> {
  const [found] = await indexesOf(node, session)
  return found?.state ?? 'absent'
}

/**
 * Drops the INVALID indexes that earlier attempts at a statement have left: without that, CREATE INDEX fails, or, with
 * IF NOT EXISTS, takes the useless leftover for the index.
 * @throws UserError if it is not a leftover, since somebody is still building it.
 */
export async function dropLeftovers(node: Node, { session, narrate }: Workplace): Promise<void> {
  if (!('IndexStmt' in node) && !('ReindexStmt' in node)) return
  for (const { state, name, builder } of await indexesOf(node, session)) {
    if (state !== 'invalid') continue
    if (builder !== undefined)
      throw new UserError(`process ${builder} of the server is building the index ${name} right now`, {
        hint: `Wait until it is done and run this step again, or end it: SELECT pg_cancel_backend(${builder})`,
      })
    narrate(`${name} is INVALID, left by a build that did not end well: it is dropped`)
    await session.run(`drop index concurrently if exists ${name}`)
  }
}

const COLUMNS = `
  select format('%I.%I', n.nspname, c.relname) as name, i.indisvalid as valid,
    (select p.pid from pg_catalog.pg_stat_progress_create_index p where p.index_relid = c.oid and p.pid <> pg_backend_pid() limit 1) as builder
  from pg_catalog.pg_class c
    join pg_catalog.pg_index i on i.indexrelid = c.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'i'`

async function indexesOf(node: Node, session: Session): Promise<readonly Found[]> {
  if ('IndexStmt' in node) {
    // An index stands in the schema of its table.
    const table = quoted(relationParts(node.IndexStmt.relation))
    return await find(session, `c.relname = $1 and i.indrelid = to_regclass($2)`, [
      node.IndexStmt.idxname ?? '',
      table,
    ])
  }
  if ('DropStmt' in node) {
    const [object] = node.DropStmt.objects ?? []
    return await find(session, 'c.oid = to_regclass($1)', [quoted(objectParts(object))])
  }
  if ('ReindexStmt' in node && node.ReindexStmt.relation !== undefined) {
    const relation = quoted(relationParts(node.ReindexStmt.relation))
    const table = `coalesce((select indrelid from pg_catalog.pg_index where indexrelid = to_regclass($1)), to_regclass($1))`
    return await find(
      session,
      `i.indrelid = ${table} and not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'`,
      [relation],
    )
  }
  return []
}

async function find(
  session: Session,
  where: string,
  parameters: readonly string[],
): Promise<readonly Found[]> {
  const rows = await session.run(`${COLUMNS} and ${where}`, parameters)
  return rows.map((row) => ({
    name: String(row['name']),
    state: row['valid'] === true ? 'valid' : 'invalid',
    builder: row['builder'] === null ? undefined : Number(row['builder']),
  }))
}

function quoted(parts: readonly string[]): string {
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}
