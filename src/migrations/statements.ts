import type { Node } from 'libpg-query'
import { messageOf } from '../rollout/user-error.js'
import type { Position } from './position.js'
import { Positions } from './position.js'

/** One statement of a file. */
export interface Statement extends Position {
  /** Without its semicolon and the comments before it. */
  readonly text: string
  /** What PostgreSQL's parser makes of it. */
  readonly node: Node
  /** Where it begins in the file, in UTF-8 bytes. */
  readonly offset: number
}

/** Why a file cannot be parsed, and where. */
export interface SyntaxProblem extends Position {
  readonly problem: string
}

export interface SqlParser {
  /** The statements of a text, or why it is none. */
  statements(sql: string): readonly Statement[] | SyntaxProblem
  /** PL/pgSQL as a tree of `PLpgSQL_…` objects; undefined where it does not parse by itself. */
  plpgsql(sql: string): unknown
  /** The statement with `$1` in place of what it compares and writes, so that logs hold nobody's data. */
  withoutValues(sql: string): string
}

/** PostgreSQL's own parser: 1.6 MB of WebAssembly, so it is loaded when the first file is parsed. */
export async function loadParser(): Promise<SqlParser> {
  const { loadModule, parseSync, parsePlPgSQLSync, normalizeSync } = await import('libpg-query')
  await loadModule()
  return {
    statements(sql) {
      if (sql === '') return []
      try {
        return split(sql, parseSync(sql).stmts ?? [])
      } catch (error) {
        return explain(sql, error)
      }
    },
    plpgsql(sql) {
      try {
        return parsePlPgSQLSync(sql)
      } catch {
        return undefined
      }
    },
    withoutValues(sql) {
      try {
        return normalizeSync(sql)
      } catch {
        // Cut off, or of another server's dialect: the first word says what it does.
        return `${/^\s*\w*/.exec(sql)?.[0].trim()} …`
      }
    },
  }
}

interface Raw {
  stmt?: Node
  stmt_location?: number
  stmt_len?: number
}

function split(sql: string, raw: readonly Raw[]): Statement[] {
  const positions = new Positions(sql)
  return raw.flatMap(({ stmt, stmt_location: offset = 0, stmt_len: length }) => {
    if (stmt === undefined) return []
    const text = positions.text(offset, length ?? positions.byteLength - offset)
    return [{ text: text.trimEnd(), node: stmt, offset, ...positions.at(offset) }]
  })
}

function explain(sql: string, error: unknown): SyntaxProblem {
  const message = messageOf(error)
  const characters = cursorOf(error)
  if (characters === undefined) throw error
  // The cursor counts characters, where offsets of statements count bytes.
  const before = [...sql].slice(0, characters).join('')
  const at = new Positions(sql).at(Buffer.byteLength(before))
  return { ...at, problem: meaningOf(sql.slice(before.length), before, message) }
}

function cursorOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('sqlDetails' in error)) return undefined
  const details = error.sqlDetails
  if (typeof details !== 'object' || details === null || !('cursorPosition' in details)) return undefined
  return typeof details.cursorPosition === 'number' ? details.cursorPosition : undefined
}

function meaningOf(rest: string, before: string, message: string): string {
  const command = /^\\\S*/.exec(rest)?.[0]
  if (/\bfrom\s+stdin\b[^;]*;\s*$/i.test(before) || command === '\\.')
    return 'COPY … FROM STDIN takes its rows from psql: write INSERT statements instead'
  if (command !== undefined)
    return `${command} is a command of psql, not SQL: the file goes to the server as it is; write SQL instead`
  if (/^:['"]?\w/.test(rest) && message.startsWith('syntax error'))
    return `${message}; variables of psql are not filled in`
  return message
}
