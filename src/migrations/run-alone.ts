import { BlockerWatch } from './blockers.js'
import { dropLeftovers, stateOfIndexes } from './concurrent-index.js'
import { isConnectionLost, isLockConflict } from './database-errors.js'
import { withLockPatience } from './lock-patience.js'
import { requireRunnerLock } from './record-format.js'
import { lineOf } from './refusal.js'
import type { Work } from './run-transaction.js'
import { statementFailure } from './statement-failure.js'
import type { Statement } from './statements.js'
import type { Workplace } from './workplace.js'

/** It locks out neither readers nor writers, so it may take its time; but who holds it up is told. */
const LOOK_EVERY_MS = 5_000

interface AloneWork extends Work {
  /** An earlier run began this statement and did not get to say how it ended. */
  readonly begunBefore: boolean
}

/**
 * Runs a statement that PostgreSQL runs outside of transactions only: CONCURRENTLY and VACUUM. Killed in the middle,
 * it leaves an INVALID index or a finished one; both are recognized, the first is dropped and built again.
 */
export async function runAlone(work: AloneWork, place: Workplace): Promise<void> {
  const { file, unit, progress } = work
  const [statement] = unit.statements
  if (statement === undefined) throw new Error(`a unit of ${file.path} without its statement`)
  const { session, record } = place
  // Whatever the file has set: waiting for old transactions to end is what CONCURRENTLY does, and nobody waits behind it.
  await session.run('set lock_timeout = 0; set statement_timeout = 0')
  await requireRunnerLock(session)
  const at = { path: file.path, line: statement.line, column: statement.column }
  if (!(await isDoneAlready(statement, work.begunBefore, place))) {
    await withLockPatience({ at, ...place }, () => once(statement, work, place))
  }
  await record.advance(file.id, progress)
}

/** Whether an earlier run finished the statement and was killed before it could write that down. */
async function isDoneAlready(
  statement: Statement,
  begunBefore: boolean,
  { session, narrate }: Workplace,
): Promise<boolean> {
  if (!begunBefore) return false
  const state = await stateOfIndexes(statement.node, session)
  const wanted = 'IndexStmt' in statement.node ? 'valid' : 'DropStmt' in statement.node ? 'absent' : undefined
  if (wanted === undefined || state !== wanted) return false
  narrate(`line ${statement.line} was finished by a run that ended before it could record it`)
  return true
}

async function once(statement: Statement, work: AloneWork, place: Workplace): Promise<void> {
  const { session, record, url } = place
  const { file, unit, total } = work
  const at = { path: file.path, line: statement.line, column: statement.column }
  await dropLeftovers(statement.node, place)
  // An index that was there before us is not ours to take for done: the server says so below.
  const before = await stateOfIndexes(statement.node, session)
  if (!('IndexStmt' in statement.node) || before === 'absent') await record.begin(file.id, unit.from)
  const watch = new BlockerWatch(place.look, {
    afterMs: 1_000,
    everyMs: LOOK_EVERY_MS,
    onSeen: (blockers) => {
      const names = blockers.map(({ description }) => description).join('; ')
      place.narrate(lineOf({ ...at, message: `waits for ${names}` }).trim())
    },
  })
  try {
    await session.run(statement.text)
  } catch (error) {
    if (isConnectionLost(error)) throw error
    await dropLeftovers(statement.node, place)
    if (isLockConflict(error)) throw error
    throw statementFailure(error, file, statement, { done: unit.from, total }, url)
  } finally {
    await watch.end()
  }
  if ((await stateOfIndexes(statement.node, session)) === 'invalid')
    throw new Error(`${file.path}:${statement.line}: the server finished, and the index is INVALID`)
}
