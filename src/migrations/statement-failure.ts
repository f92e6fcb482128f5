import { UserError } from '../rollout/user-error.js'
import { codeOf, serverMessage } from './database-errors.js'
import type { DatabaseUrl } from './database-url.js'
import type { MigrationFile } from './migration-file.js'
import { Positions } from './position.js'
import type { Complaint } from './refusal.js'
import { lineOf } from './refusal.js'
import type { Statement } from './statements.js'

/** A statement that the server refused, and where it stands. What was done before it is recorded and stays. */
export class MigrationFailed extends UserError {
  readonly complaints: readonly Complaint[]

  constructor(complaint: Complaint, hint: string) {
    super(lineOf(complaint).trim(), { hint })
    this.name = 'MigrationFailed'
    this.complaints = [complaint]
  }
}

/** How many statements of a file are done, and of how many. */
interface Progress {
  readonly done: number
  readonly total: number
}

/** What the server said of a statement, at the place in the file that it meant. */
export function statementFailure(
  error: unknown,
  file: MigrationFile,
  statement: Statement,
  { done, total }: Progress,
  url: DatabaseUrl,
): MigrationFailed {
  const at = new Positions(file.sql).at(statement.offset + bytesBefore(error, statement.text))
  const before =
    done === 0
      ? 'Nothing of this file was done.'
      : `The first ${done} of ${total} statements of this file are done and stay.`
  const hint = `${before} ${remedy(codeOf(error))}`
  return new MigrationFailed(
    { path: file.path, ...at, message: `the database refused it: ${reason(error, url)}` },
    hint,
  )
}

function reason(error: unknown, url: DatabaseUrl): string {
  if (isStatementTimeout(error))
    return 'it ran for 5s, and everybody waits behind the lock of such a statement; it was cancelled and undone (57014)'
  const hint =
    error instanceof Error && 'hint' in error && typeof error.hint === 'string'
      ? `; ${url.redact(error.hint)}`
      : ''
  return `${serverMessage(error, url)}${hint}`
}

function remedy(code: string): string {
  if (code === '57014')
    return 'Do it in steps that lock briefly: a new column, a backfill, NOT VALID and then VALIDATE.'
  if (code === '42501')
    return 'GRANT what is missing to the user of the database URL, and run this step again.'
  return 'Mend the statement, not those before it, and run this step again: it goes on here.'
}

function isStatementTimeout(error: unknown): boolean {
  return codeOf(error) === '57014' && error instanceof Error && error.message.includes('statement timeout')
}

/** The server counts characters of the statement, from 1. */
function bytesBefore(error: unknown, text: string): number {
  const position = error instanceof Error && 'position' in error ? Number(error.position) : Number.NaN
  if (!Number.isInteger(position) || position < 1) return 0
  return Buffer.byteLength([...text].slice(0, position - 1).join(''))
}
