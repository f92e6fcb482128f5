import type { Node } from 'libpg-query'
import { alterCommands } from './rules/alter-commands.js'
import { isConcurrent } from './rules/index-build.js'
import { strings } from './rules/names.js'

/**
 * How a statement is run.
 * - `metadata`: in a transaction, and for seconds at most: everybody waits behind its lock.
 * - `rows`: in a transaction, for as long as its rows take.
 * - `alone`: PostgreSQL refuses it inside a transaction, so being half done is possible and is looked for.
 */
export type StatementKind = 'metadata' | 'rows' | 'alone'

export function kindOf(node: Node): StatementKind {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true ? 'alone' : 'rows'
  if ('DropStmt' in node) return node.DropStmt.concurrent === true ? 'alone' : 'metadata'
  if ('ReindexStmt' in node) {
    const { kind, params } = node.ReindexStmt
    const many = ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE'].includes(
      kind ?? '',
    )
    return many || isConcurrent(params) ? 'alone' : 'rows'
  }
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd === true ? 'alone' : 'rows'
  if ('AlterTableStmt' in node) {
    const validates = alterCommands(node).every(({ command }) => command.subtype === 'AT_ValidateConstraint')
    return validates ? 'rows' : 'metadata'
  }
  return ROWS.some((kind) => kind in node) ? 'rows' : 'metadata'
}

const ROWS = [
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'DoStmt',
  'CallStmt',
  'ExecuteStmt',
  'CreateTableAsStmt',
  'RefreshMatViewStmt',
  'ClusterStmt',
]

/** Why a statement cannot be run by a runner that may be killed at any moment; undefined where it can. */
export function whyNotRun(node: Node): string | undefined {
  if ('IndexStmt' in node && node.IndexStmt.concurrent === true && node.IndexStmt.idxname === undefined)
    return 'give the index a name: after a failed build, what is left of it is found and dropped by its name'
  if ('TransactionStmt' in node) return transactionProblem(node.TransactionStmt.kind)
  if (
    'VariableSetStmt' in node &&
    ['role', 'session_authorization'].includes(node.VariableSetStmt.name ?? '')
  )
    return 'the role cannot be changed here, since the record is written in the same transaction: connect as that role, or use ALTER … OWNER TO'
  if ('CopyStmt' in node && node.CopyStmt.filename === undefined)
    return 'COPY from or to the client has no client here: write INSERT statements instead'
  if (alterCommands(node).some(({ command }) => isConcurrentDetach(command.def)))
    return `DETACH PARTITION CONCURRENTLY ${BY_HAND}`
  const other = BY_HAND_KINDS.find(([kind]) => kind in node)
  return other === undefined ? undefined : `${other[1]} ${BY_HAND}`
}

const BY_HAND = 'cannot be taken up again when it was interrupted: run it by hand'

const BY_HAND_KINDS = [
  ['CreatedbStmt', 'CREATE DATABASE'],
  ['DropdbStmt', 'DROP DATABASE'],
  ['CreateTableSpaceStmt', 'CREATE TABLESPACE'],
  ['DropTableSpaceStmt', 'DROP TABLESPACE'],
  ['AlterSystemStmt', 'ALTER SYSTEM'],
  ['CreateSubscriptionStmt', 'CREATE SUBSCRIPTION'],
  ['DropSubscriptionStmt', 'DROP SUBSCRIPTION'],
] as const

function transactionProblem(kind: string | undefined): string | undefined {
  if (['TRANS_STMT_BEGIN', 'TRANS_STMT_START', 'TRANS_STMT_COMMIT'].includes(kind ?? '')) return undefined
  return 'only BEGIN and COMMIT are understood: a migration that fails is rolled back by itself'
}

function isConcurrentDetach(def: Node | undefined): boolean {
  return def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true
}

/** Whether a statement only sets something for the rest of the session, so that it is said again after a break. */
export function setsSession(node: Node): boolean {
  if ('VariableSetStmt' in node) return node.VariableSetStmt.is_local !== true
  if (!('SelectStmt' in node)) return false
  const targets = node.SelectStmt.targetList ?? []
  return targets.length > 0 && targets.every(callsSetConfig)
}

function callsSetConfig(target: Node): boolean {
  const value = 'ResTarget' in target ? target.ResTarget.val : undefined
  return (
    value !== undefined && 'FuncCall' in value && strings(value.FuncCall.funcname).at(-1) === 'set_config'
  )
}
