import type { Node } from 'libpg-query'
import { objectName, qualified, strings, tableName } from './names.js'
import type { Breakage, Rule } from './rule.js'

/** What statements of a release name. Indexes, constraints, triggers and policies are not among it. */
const KINDS: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'foreign table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_SCHEMA: 'schema',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'domain',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'routine',
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_DATABASE: 'database',
}

const NEW_COLUMN =
  'add a column with the new name, let a release write both, copy the old values over, read the new one; drop the old one in contract/'
const NEW_TABLE =
  'in one transaction (BEGIN … COMMIT), in contract/ when no older release may serve again; until then a view with the new name serves both'

/** RENAME, and a move to another schema: to the live release both are a drop. */
export const rename: Rule = (node, set) => {
  if ('AlterEnumStmt' in node && node.AlterEnumStmt.oldVal !== undefined) {
    const type = qualified(strings(node.AlterEnumStmt.typeName))
    const what = `renaming the value '${node.AlterEnumStmt.oldVal}' of ${type} breaks the live release, which writes and compares the old one`
    return set.created(type)
      ? []
      : [broken(what, `ALTER TYPE ${type} ADD VALUE '${node.AlterEnumStmt.newVal}'`)]
  }
  if ('AlterObjectSchemaStmt' in node) {
    const { relation, object, objectType, newschema } = node.AlterObjectSchemaStmt
    const name = relation === undefined ? objectName(object) : tableName(relation)
    const kind = KINDS[objectType ?? '']
    if (kind === undefined || set.created(name)) return []
    return [
      broken(
        `moving ${kind} ${name} to schema ${newschema} breaks the live release, which looks for it where it was`,
        NEW_TABLE,
      ),
    ]
  }
  return 'RenameStmt' in node
    ? ofRename(
        node.RenameStmt,
        (name) => set.created(name),
        (table, column) => set.addedColumn(table, column),
      )
    : []
}

type RenameStmt = Extract<Node, { RenameStmt: unknown }>['RenameStmt']

function ofRename(
  { renameType, relation, object, subname, newname }: RenameStmt,
  created: (name: string) => boolean,
  addedColumn: (table: string, column: string) => boolean,
): Breakage[] {
  const name = relation === undefined ? objectName(object) || (subname ?? '') : tableName(relation)
  if (renameType === 'OBJECT_COLUMN' || renameType === 'OBJECT_ATTRIBUTE') {
    if (addedColumn(name, subname ?? '')) return []
    const what = `renaming ${name}.${subname} to ${newname} breaks every statement of the live release that names it`
    return [broken(what, NEW_COLUMN)]
  }
  const kind = KINDS[renameType ?? '']
  if (kind === undefined || created(name)) return []
  return [
    broken(
      `renaming ${kind} ${name} to ${newname} breaks every statement of the live release that names it`,
      NEW_TABLE,
    ),
  ]
}

function broken(what: string, safe: string): Breakage {
  return { rule: 'rename', effect: 'breaks', what, safe }
}
