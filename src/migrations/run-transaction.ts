import { BlockerWatch } from './blockers.js'
import { isConnectionLost, isLockConflict } from './database-errors.js'
import { lockTimeoutMs, withLockPatience } from './lock-patience.js'
import type { MigrationFile } from './migration-file.js'
import { requireRunnerLock } from './record-format.js'
import { kindOf } from './statement-kind.js'
import { statementFailure } from './statement-failure.js'
import type { Statement } from './statements.js'
import type { Unit } from './units.js'
import type { Workplace } from './workplace.js'

/** A metadata change that takes longer is no metadata change. */
const METADATA_TIMEOUT_MS = 5_000

/** One unit of a file, and what is written down when it is done. */
export interface Work {
  readonly file: MigrationFile
  readonly unit: Unit
  readonly progress: { readonly from: number; readonly to: number; readonly hashes: readonly string[] }
  /** Statements in the file. */
  readonly total: number
}

/**
 * Runs a unit in one transaction together with its record: either both are there or neither. It gives way to whoever
 * holds a lock that it needs, and comes again.
 */
export async function runTransaction(work: Work, place: Workplace): Promise<void> {
  const { unit, file } = work
  const [first] = unit.statements
  const { line, column } = first ?? { line: 1, column: 1 }
  await withLockPatience(
    { at: { path: file.path, line, column }, ...place },
    async ({ number, sawBlockers }) => {
      const lockTimeout = lockTimeoutMs(number)
      const watch = new BlockerWatch(place.look, { afterMs: lockTimeout / 2 })
      try {
        await once(work, lockTimeout, place)
      } finally {
        sawBlockers(await watch.end())
      }
    },
  )
}

async function once(work: Work, lockTimeout: number, { session, record, url }: Workplace): Promise<void> {
  let current: Statement | undefined
  try {
    await session.run(
      `begin; set local lock_timeout = ${lockTimeout}; set local statement_timeout = ${METADATA_TIMEOUT_MS}`,
    )
    await requireRunnerLock(session)
    // Before the statement: after it, whoever waits behind its lock would wait for this too.
    await record.advance(work.file.id, work.progress)
    for (const statement of work.unit.statements) {
      current = statement
      const timeout = kindOf(statement.node) === 'metadata' ? METADATA_TIMEOUT_MS : 0
      // A statement of the file may have set its own; and the settings go with the transaction.
      await session.run(`set local lock_timeout = ${lockTimeout}; set local statement_timeout = ${timeout}`)
      await session.run(statement.text)
    }
    await session.run('commit')
  } catch (error) {
    if (isConnectionLost(error)) throw error
    await session.run('rollback')
    if (current === undefined || isLockConflict(error)) throw error
    throw statementFailure(error, work.file, current, { done: work.unit.from, total: work.total }, url)
  }
}
