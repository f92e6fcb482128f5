import type { Node } from 'libpg-query'
import type { SqlParser, Statement } from './statements.js'
import { strings } from './rules/names.js'

/** A statement that a DO block runs. */
export interface InnerStatement {
  readonly node: Node
  /** Lines below the first line of the block's body. */
  readonly linesDown: number
}

/** What a DO block runs, as far as it can be read. */
export interface DoBlock {
  /** Where its body begins, in UTF-8 bytes of the file. */
  readonly bodyOffset: number
  readonly statements: readonly InnerStatement[]
  /** It also runs text that is put together while it runs. */
  readonly unreadable: boolean
}

/** Looks into `DO $$ … $$`, where a DROP would otherwise stand unseen; EXECUTE of a constant or of format() included. */
export function readDoBlock(statement: Statement, parser: SqlParser): DoBlock | undefined {
  if (!('DoStmt' in statement.node)) return undefined
  const body = (statement.node.DoStmt.args ?? []).find(
    (one) => 'DefElem' in one && one.DefElem.defname === 'as',
  )
  const bodyOffset =
    (body !== undefined && 'DefElem' in body ? body.DefElem.location : undefined) ?? statement.offset
  const tree = parser.plpgsql(statement.text)
  const statements: InnerStatement[] = []
  let unreadable = tree === undefined
  for (const { sql, linesDown, dynamic } of queriesIn(tree)) {
    const text = dynamic ? constantOf(sql, parser) : sql
    const parsed = text === undefined ? undefined : parser.statements(text)
    if (parsed === undefined || 'problem' in parsed) unreadable ||= dynamic
    else statements.push(...parsed.map(({ node }) => ({ node, linesDown })))
  }
  return { bodyOffset, statements, unreadable }
}

interface Query {
  readonly sql: string
  readonly linesDown: number
  /** Given to EXECUTE: an expression whose value is SQL. */
  readonly dynamic: boolean
}

function* queriesIn(tree: unknown): Generator<Query> {
  if (typeof tree !== 'object' || tree === null) return
  for (const [key, value] of Object.entries(tree)) {
    if (key === 'PLpgSQL_stmt_execsql') yield* query(value, 'sqlstmt', false)
    else if (key === 'PLpgSQL_stmt_dynexecute') yield* query(value, 'query', true)
    else yield* queriesIn(value)
  }
}

function* query(statement: unknown, key: string, dynamic: boolean): Generator<Query> {
  const sql = at(statement, key, 'PLpgSQL_expr', 'query')
  const line = at(statement, 'lineno')
  if (typeof sql === 'string') yield { sql, dynamic, linesDown: typeof line === 'number' ? line - 1 : 0 }
}

function at(tree: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => {
    const entry =
      typeof node === 'object' && node !== null ? Object.entries(node).find(([name]) => name === key) : []
    return entry?.[1]
  }, tree)
}

/** `'DROP TABLE t'`, or `format('DROP TABLE %I', …)` with a name in place of what is filled in. */
function constantOf(expression: string, parser: SqlParser): string | undefined {
  const parsed = parser.statements(`select ${expression}`)
  if ('problem' in parsed) return undefined
  const [select] = parsed
  if (select === undefined || !('SelectStmt' in select.node)) return undefined
  const [target] = select.node.SelectStmt.targetList ?? []
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  if (value !== undefined && 'FuncCall' in value && strings(value.FuncCall.funcname).at(-1) === 'format')
    return textOf(value.FuncCall.args?.[0])
      ?.replace(/%(?:\d+\$)?[Is]/g, '"?"')
      .replace(/%(?:\d+\$)?L/g, "'?'")
  return textOf(value)
}

function textOf(node: Node | undefined): string | undefined {
  return node !== undefined && 'A_Const' in node ? node.A_Const.sval?.sval : undefined
}
