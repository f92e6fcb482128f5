import { UserError } from '../rollout/user-error.js'
import type { Finding } from './judge.js'
import { shownLine } from './shown-text.js'
import type { Position } from './position.js'

/** A place in a file and what is wrong there: what an annotation on the file's line says. */
export interface Complaint extends Position {
  readonly path: string
  readonly message: string
}

/** Files of migrations that must not run as they are. Nothing was changed in the database. */
export class MigrationsRefused extends UserError {
  readonly complaints: readonly Complaint[]

  constructor(summary: string, complaints: readonly Complaint[], hint: string) {
    const marks = complaints.map(({ path, line, column, message }) => ({ file: path, line, column, message }))
    super([`${summary}:`, ...complaints.map(lineOf)].join('\n'), { hint, marks })
    this.name = 'MigrationsRefused'
    this.complaints = complaints
  }
}

/** `db/0042_x.sql:3:1: …`, which terminals and editors make a link of. */
export function lineOf({ path, line, column, message }: Complaint): string {
  return `  ${shownLine(path)}:${line}:${column}: ${message}`
}

export function complaintOf({ rule, what, safe, ...place }: Finding): Complaint {
  return {
    path: place.path,
    line: place.line,
    column: place.column,
    message: shownLine(`${what} [${rule}]. Safe: ${safe}`),
  }
}
