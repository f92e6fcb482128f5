import type { Node } from 'libpg-query'
import { alterCommands } from './alter-commands.js'
import { hasDefault } from './set-objects.js'
import type { Rule } from './rule.js'

type ColumnDef = Extract<Node, { ColumnDef: unknown }>['ColumnDef']

/** ADD COLUMN … NOT NULL without a default: the live release does not know the column and cannot fill it. */
export const requiredColumn: Rule = (node, set) =>
  alterCommands(node).flatMap(({ command, table }) => {
    const { subtype, def } = command
    if (subtype !== 'AT_AddColumn' || def === undefined || !('ColumnDef' in def)) return []
    const column = def.ColumnDef
    if (set.created(table) || !isRequired(column) || hasDefault(column)) return []
    return [
      {
        rule: 'required-column',
        effect: 'breaks',
        what: `${table}.${column.colname} is NOT NULL without a default: it fails where ${table} has rows, and then every INSERT of the live release fails`,
        safe: `ALTER TABLE ${table} ADD COLUMN ${column.colname} … NOT NULL DEFAULT <value>; or nullable now, filled by the new release, NOT NULL in contract/`,
        offset: column.location,
      },
    ]
  })

function isRequired({ constraints, is_not_null: marked }: ColumnDef): boolean {
  const kinds = (constraints ?? []).flatMap((one) => ('Constraint' in one ? [one.Constraint.contype] : []))
  return marked === true || kinds.includes('CONSTR_NOTNULL') || kinds.includes('CONSTR_PRIMARY')
}

/** SET NOT NULL on a column that the live release may leave empty. */
export const setNotNull: Rule = (node, set) =>
  alterCommands(node).flatMap(({ command, table }) => {
    const column = command.name ?? ''
    if (command.subtype !== 'AT_SetNotNull' || set.holdsNoNull(table, column)) return []
    return [
      {
        rule: 'set-not-null',
        effect: 'breaks',
        what: `SET NOT NULL on ${table}.${column} breaks every write of the live release that leaves it empty, and reads the whole table under ACCESS EXCLUSIVE`,
        safe: `in contract/: ALTER TABLE ${table} ADD CONSTRAINT ${column}_set CHECK (${column} IS NOT NULL) NOT VALID; ALTER TABLE ${table} VALIDATE CONSTRAINT ${column}_set; ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL`,
      },
    ]
  })
