import type { Node } from 'libpg-query'
import { tableName } from './names.js'

type AlterTableStmt = Extract<Node, { AlterTableStmt: unknown }>['AlterTableStmt']
type Command = Extract<Node, { AlterTableCmd: unknown }>['AlterTableCmd']

/** One part of an ALTER TABLE. */
export interface AlterCommand {
  readonly table: string
  readonly command: Command
  readonly objectType: AlterTableStmt['objtype']
}

/** The parts of an ALTER TABLE, ALTER VIEW or ALTER TYPE; none of any other statement. */
export function alterCommands(node: Node): AlterCommand[] {
  if (!('AlterTableStmt' in node)) return []
  const { relation, cmds, objtype } = node.AlterTableStmt
  return (cmds ?? []).flatMap((one) =>
    'AlterTableCmd' in one
      ? [{ table: tableName(relation), command: one.AlterTableCmd, objectType: objtype }]
      : [],
  )
}
