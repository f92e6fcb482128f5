import { createHash } from 'node:crypto'
import type { ParsedMigration } from './judge.js'
import type { RecordedMigration } from './record.js'
import { runAlone } from './run-alone.js'
import { runTransaction } from './run-transaction.js'
import { endWithUs } from './session.js'
import { setsSession } from './statement-kind.js'
import type { Statement } from './statements.js'
import type { Unit } from './units.js'
import type { Workplace } from './workplace.js'

/** A migration that passed, in the parts in which it is done. */
export interface Prepared extends ParsedMigration {
  readonly units: readonly Unit[]
}

/** Short, and long enough to tell an edited statement from the one that was run. */
export function hashOf(statement: Statement): string {
  return createHash('sha256').update(statement.text).digest('hex').slice(0, 16)
}

/** Does what is left of a migration, unit by unit. Wherever it is killed, the next call goes on there. */
export async function applyMigration(
  { file, statements, units }: Prepared,
  recorded: Pick<RecordedMigration, 'done' | 'begun'>,
  place: Workplace,
): Promise<void> {
  if (statements.length === 0) return await place.record.finishEmpty(file.id)
  if (recorded.done > 0)
    place.narrate(`${file.path}: going on after statement ${recorded.done} of ${statements.length}`)
  await freshSession(statements.slice(0, recorded.done), place)
  for (const unit of units.filter(({ from }) => from >= recorded.done)) {
    place.signal.throwIfAborted()
    const progress = {
      from: unit.from,
      to: unit.to,
      hashes: statements.slice(unit.from, unit.to).map(hashOf),
    }
    const work = { file, unit, progress, total: statements.length }
    if (unit.kind === 'alone') await runAlone({ ...work, begunBefore: recorded.begun === unit.from }, place)
    else await runTransaction(work, place)
  }
}

/** What one file sets (`search_path`, say) holds to its end, also when it is taken up again, and not beyond. */
async function freshSession(done: readonly Statement[], { session }: Workplace): Promise<void> {
  await session.run('reset all')
  await endWithUs(session)
  for (const statement of done.filter(({ node }) => setsSession(node))) await session.run(statement.text)
}
