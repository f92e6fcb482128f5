import type { Node } from 'libpg-query'
import { alterCommands } from './alter-commands.js'
import { strings } from './names.js'
import type { Rule } from './rule.js'

/**
 * ALTER COLUMN … TYPE: the table is written anew under ACCESS EXCLUSIVE, and the live release reads and writes the old
 * type. What the old type was is not in the statement, so only the widening to `text` and unlimited `varchar` passes:
 * from other texts it changes no row.
 */
export const columnType: Rule = (node, set) =>
  alterCommands(node).flatMap(({ command, table }) => {
    const { subtype, def, name: column = '' } = command
    if (subtype !== 'AT_AlterColumnType' || def === undefined || !('ColumnDef' in def)) return []
    if (set.addedColumn(table, column) || isUnlimitedText(def.ColumnDef)) return []
    return [
      {
        rule: 'column-type',
        effect: 'breaks',
        what: `a new type for ${table}.${column} may write the whole table anew under ACCESS EXCLUSIVE, and the live release goes on using the old type`,
        safe: `add a column of the new type, let a release write both, copy the old values over, read the new one; drop ${column} in contract/`,
        offset: def.ColumnDef.location,
      },
    ]
  })

type ColumnDef = Extract<Node, { ColumnDef: unknown }>['ColumnDef']

function isUnlimitedText({ typeName, raw_default: using }: ColumnDef): boolean {
  const limited = (typeName?.typmods ?? []).length > 0 || (typeName?.arrayBounds ?? []).length > 0
  return (
    !limited && using === undefined && ['text', 'varchar'].includes(strings(typeName?.names).at(-1) ?? '')
  )
}
