import { hashOf } from './apply-migration.js'
import type { Prepared } from './apply-migration.js'
import { judge } from './judge.js'
import type { ParsedMigration } from './judge.js'
import type { MigrationFile } from './migration-file.js'
import type { RecordedMigration } from './record.js'
import type { Complaint } from './refusal.js'
import { MigrationsRefused, complaintOf, lineOf } from './refusal.js'
import { createdIfMissing } from './rules/set-objects.js'
import type { SqlParser } from './statements.js'
import { unitsOf } from './units.js'

interface Preparing {
  readonly parser: SqlParser
  readonly recorded: ReadonlyMap<string, RecordedMigration>
  /** Files of the same set that are applied already. */
  readonly before: readonly MigrationFile[]
  /** Which of these relations are in the database. */
  readonly existing: (names: readonly string[]) => Promise<ReadonlySet<string>>
  readonly narrate: (line: string) => void
}

/**
 * Parses what will be applied and judges it as a whole, before anything is.
 * @throws MigrationsRefused naming every statement that cannot be parsed, cannot be run or must not be run.
 */
export async function prepare(
  files: readonly MigrationFile[],
  preparing: Preparing,
): Promise<readonly Prepared[]> {
  const { parser, recorded, narrate } = preparing
  const parsed = parseAll(files, parser)
  const prepared = parsed.map((migration) => ({ ...migration, ...unitsOf(migration) }))
  const edited = prepared.flatMap((migration) => editedStatement(migration, recorded.get(migration.file.id)))
  refuse('these migrations cannot be run', [...prepared.flatMap(({ complaints }) => complaints), ...edited])
  // What an earlier run of the set accepted stays accepted: its own tables are there by now, and new all the same.
  const toAsk = parsed.filter(({ file }) => recorded.get(file.id)?.checksum !== file.checksum)
  const existing = await preparing.existing(
    toAsk.flatMap(({ statements }) => statements.flatMap(({ node }) => createdIfMissing(node))),
  )
  const judgement = judge(parsed, parser, { before: parseAll(preparing.before, parser), existing })
  for (const { path, line, column } of judgement.unread)
    narrate(
      lineOf({
        path,
        line,
        column,
        message: 'puts SQL together while it runs, which cannot be judged',
      }).trim(),
    )
  for (const warning of judgement.warnings) narrate(`warning: ${lineOf(complaintOf(warning)).trim()}`)
  if (judgement.refused.length > 0)
    throw new MigrationsRefused(
      'these migrations would break or block the release that is live',
      judgement.refused.map(complaintOf),
      'Use the safe form; or, when no older release may serve again, move the statement to a file in contract/ (or declare it: -- tuesday: phase=contract safe-since=<release>). Nothing was applied.',
    )
  return prepared
}

function parseAll(files: readonly MigrationFile[], parser: SqlParser): ParsedMigration[] {
  const complaints: Complaint[] = []
  const parsed: ParsedMigration[] = []
  for (const file of files) {
    const statements = parser.statements(file.sql)
    if ('problem' in statements) {
      const { line, column, problem } = statements
      complaints.push({ path: file.path, line, column, message: problem })
    } else parsed.push({ file, statements })
  }
  refuse('these migrations are not SQL that PostgreSQL understands', complaints)
  return parsed
}

function refuse(summary: string, complaints: readonly Complaint[]): void {
  if (complaints.length > 0)
    throw new MigrationsRefused(summary, complaints, 'Mend the files; nothing was applied.')
}

/** A half-done file may be mended from where it stopped; what is done of it cannot be done otherwise any more. */
function editedStatement(
  { file, statements, units }: Prepared,
  record: RecordedMigration | undefined,
): Complaint[] {
  const { done = 0, doneHashes = [], by } = record ?? {}
  const edited = doneHashes.findIndex((hash, at) => {
    const statement = statements[at]
    return statement === undefined || hashOf(statement) !== hash
  })
  const split = units.find(({ from, to }) => from < done && done < to)?.from ?? -1
  const index = edited === -1 ? split : edited
  if (index === -1) return []
  const { line, column } = statements[index] ?? { line: 1, column: 1 }
  const message = `statement ${index + 1} was edited or removed after it had been applied (${by}): bring it back, and change only what comes after the first ${done} statements`
  return [{ path: file.path, line, column, message }]
}
