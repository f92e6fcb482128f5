import type { Node } from 'libpg-query'
import { alterCommands } from './alter-commands.js'
import { objectName } from './names.js'
import type { Breakage, Rule } from './rule.js'

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
  OBJECT_EXTENSION: 'extension',
}

const LATER =
  'stop using it in a release; when no older release may serve again, drop it in a file of contract/'

/** DROP of what the live release may read, write or call. */
export const drop: Rule = (node, set) => {
  if ('DropOwnedStmt' in node)
    return [broken('drop-object', 'DROP OWNED removes everything of a role, whatever the live release uses')]
  if ('DropdbStmt' in node)
    return [broken('drop-object', `dropping the database ${node.DropdbStmt.dbname} ends the live release`)]
  if (!('DropStmt' in node)) return []
  const { removeType = '', objects } = node.DropStmt
  const kind = KINDS[removeType]
  if (kind === undefined) return []
  return (objects ?? [])
    .map(objectName)
    .filter((name) => !set.created(name))
    .map((name) =>
      broken(
        kind.endsWith('table') ? 'drop-table' : 'drop-object',
        `dropping ${kind} ${name} breaks every request of the live release that uses it`,
        replaceable(removeType) ? `CREATE OR REPLACE changes it in place; to be rid of it, ${LATER}` : LATER,
      ),
    )
}

function replaceable(removeType: string): boolean {
  return ['OBJECT_VIEW', 'OBJECT_FUNCTION', 'OBJECT_PROCEDURE'].includes(removeType)
}

/** DROP COLUMN, and DROP ATTRIBUTE of a composite type. */
export const dropColumn: Rule = (node: Node, set) =>
  alterCommands(node)
    .filter(
      ({ command, table }) =>
        command.subtype === 'AT_DropColumn' && !set.addedColumn(table, command.name ?? ''),
    )
    .map(({ command, table }) =>
      broken(
        'drop-column',
        `dropping ${table}.${command.name} breaks every statement of the live release that names it`,
      ),
    )

function broken(rule: Breakage['rule'], what: string, safe: string = LATER): Breakage {
  return { rule, effect: 'breaks', what, safe }
}
