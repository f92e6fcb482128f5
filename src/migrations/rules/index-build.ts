import type { Node } from 'libpg-query'
import { alterCommands } from './alter-commands.js'
import { objectName, tableName } from './names.js'
import type { Breakage, Rule } from './rule.js'

/** CREATE, DROP and REINDEX without CONCURRENTLY: writers, or all, wait until it is done. */
export const indexBuild: Rule = (node, set) => {
  if ('IndexStmt' in node) return ofCreate(node.IndexStmt, (name) => set.created(name))
  if ('ReindexStmt' in node) return ofReindex(node.ReindexStmt, (name) => set.created(name))
  if (
    !('DropStmt' in node) ||
    node.DropStmt.removeType !== 'OBJECT_INDEX' ||
    node.DropStmt.concurrent === true
  )
    return []
  return (node.DropStmt.objects ?? [])
    .map(objectName)
    .filter((name) => !set.created(name))
    .map((name) =>
      blocking(
        `DROP INDEX ${name} without CONCURRENTLY locks its table against reads and writes, behind every query that is running`,
        `DROP INDEX CONCURRENTLY ${name}`,
      ),
    )
}

type IndexStmt = Extract<Node, { IndexStmt: unknown }>['IndexStmt']

function ofCreate(index: IndexStmt, created: (name: string) => boolean): Breakage[] {
  const table = tableName(index.relation)
  // ON ONLY makes the empty index of a partitioned table: there is nothing to build.
  const builds = index.concurrent !== true && index.relation?.inh === true
  if (!builds || created(table)) return []
  const unique = index.unique === true ? 'UNIQUE ' : ''
  return [
    blocking(
      `CREATE INDEX without CONCURRENTLY blocks every write to ${table} until the index is built`,
      `CREATE ${unique}INDEX CONCURRENTLY ${index.idxname ?? '<name>'} ON ${table} (…); for a partitioned table, on each partition, then ON ONLY ${table} and ATTACH PARTITION`,
    ),
  ]
}

type ReindexStmt = Extract<Node, { ReindexStmt: unknown }>['ReindexStmt']

function ofReindex({ params, relation, name }: ReindexStmt, created: (name: string) => boolean): Breakage[] {
  const what = relation === undefined ? (name ?? 'the database') : tableName(relation)
  if (isConcurrent(params) || created(what)) return []
  return [
    blocking(
      `REINDEX without CONCURRENTLY blocks writes, and reads by that index, until ${what} is built anew`,
      'REINDEX (CONCURRENTLY) …',
    ),
  ]
}

/** `REINDEX (CONCURRENTLY)`, and not `(CONCURRENTLY false)`. */
export function isConcurrent(params: readonly Node[] | undefined): boolean {
  return (params ?? []).some((node) => {
    if (!('DefElem' in node) || node.DefElem.defname !== 'concurrently') return false
    const { arg } = node.DefElem
    if (arg === undefined) return true
    const word = 'String' in arg ? arg.String.sval : 'Integer' in arg ? String(arg.Integer.ival ?? 0) : 'true'
    return !['false', 'off', '0'].includes(word ?? '')
  })
}

/** UNIQUE and PRIMARY KEY build their index in place, under ACCESS EXCLUSIVE. */
export const constraintIndex: Rule = (node, set) =>
  alterCommands(node).flatMap(({ command, table }) => {
    const { subtype, def } = command
    if (def === undefined || set.created(table)) return []
    if (subtype === 'AT_AddConstraint' && 'Constraint' in def) {
      const { contype, indexname, conname, location } = def.Constraint
      return buildsIndex(contype) && indexname === undefined
        ? [inPlace(table, contype, conname, location)]
        : []
    }
    if (subtype !== 'AT_AddColumn' || !('ColumnDef' in def)) return []
    const builds = (def.ColumnDef.constraints ?? []).flatMap((one) =>
      'Constraint' in one ? [one.Constraint] : [],
    )
    return builds
      .filter(({ contype }) => buildsIndex(contype))
      .map(({ contype, conname, location }) => inPlace(table, contype, conname, location))
  })

function buildsIndex(contype: string | undefined): boolean {
  return contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY'
}

function inPlace(table: string, contype: string | undefined, name = '<name>', offset?: number): Breakage {
  const kind = contype === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE'
  return {
    rule: 'constraint-builds-index',
    effect: 'locks',
    what: `${kind} builds its index while ${table} is locked against reads and writes`,
    safe: `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${table} (…); ALTER TABLE ${table} ADD CONSTRAINT ${name} ${kind} USING INDEX ${name}`,
    offset,
  }
}

function blocking(what: string, safe: string): Breakage {
  return { rule: 'index-blocks-writes', effect: 'locks', what, safe }
}
