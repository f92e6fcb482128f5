import { UserError } from '../rollout/user-error.js'
import { compareIds } from './file-id.js'
import type { MigrationFile } from './migration-file.js'
import type { Phase } from './phase.js'
import type { RecordedMigration } from './record.js'

/** How the files of a directory stand to what the database has recorded. */
export interface Standing {
  /** Not applied yet, in order; begun ones among them. */
  readonly pending: readonly MigrationFile[]
  readonly recorded: ReadonlyMap<string, RecordedMigration>
  /** Accepted once, never begun, and gone from the directory. */
  readonly forgotten: readonly RecordedMigration[]
  /** What people should know, though nothing is wrong. */
  readonly notes: readonly string[]
}

/** @throws UserError where files and record contradict each other. */
export function standingOf(files: readonly MigrationFile[], records: readonly RecordedMigration[]): Standing {
  const recorded = new Map(records.map((record) => [record.id, record]))
  const present = new Set(files.map(({ id }) => id))
  const missing = records.filter(({ id }) => !present.has(id))
  refuseDrift(files, recorded)
  refuseHalfDone(missing)
  const pending = files.filter(({ id }) => recorded.get(id)?.state !== 'applied')
  const gone = missing.filter(({ state }) => state === 'applied').map(({ name }) => name)
  const older =
    gone.length === 0
      ? []
      : [`applied, and not in this directory (a newer release’s, as it seems): ${gone.join(', ')}`]
  return {
    pending,
    recorded,
    forgotten: missing.filter(({ state }) => state === 'waiting'),
    notes: [...outOfOrder(files, pending, recorded), ...older],
  }
}

function refuseDrift(
  files: readonly MigrationFile[],
  recorded: ReadonlyMap<string, RecordedMigration>,
): void {
  const drifted = files.flatMap((file) => {
    const record = recorded.get(file.id)
    if (record?.state !== 'applied' || record.checksum === file.checksum) return []
    const renamed = record.name === file.name ? '' : `, as ${record.name}`
    return [
      `${file.path} was edited after it had been applied${renamed} (${record.by}): ${record.checksum.slice(0, 12)} then, ${file.checksum.slice(0, 12)} now`,
    ]
  })
  if (drifted.length > 0)
    throw new UserError(drifted.join('\n'), {
      hint: 'Bring back what was applied (git log shows it), and write what should change into a new file.',
    })
}

function refuseHalfDone(missing: readonly RecordedMigration[]): void {
  const half = missing.find(
    ({ state, done, begun }) => state === 'running' && (done > 0 || begun !== undefined),
  )
  if (half !== undefined)
    throw new UserError(
      `${half.name} is half done (${half.done} of ${half.total} statements, by ${half.by}) and is not in the directory`,
      {
        hint: 'Bring the file back, so that it can be finished.',
      },
    )
}

/** A number that was given in a branch which was merged later: noticed, and applied all the same. */
function outOfOrder(
  files: readonly MigrationFile[],
  pending: readonly MigrationFile[],
  recorded: ReadonlyMap<string, RecordedMigration>,
): string[] {
  return pending.flatMap((file) => {
    const later = files.findLast(
      ({ id, phase }) =>
        phase === file.phase && recorded.get(id)?.state === 'applied' && compareIds(id, file.id) > 0,
    )
    return later === undefined ? [] : [`${file.path} comes out of order: ${later.name} is applied already`]
  })
}

/** @throws UserError if an expand that comes before a contract has not been applied: what it moves on from is not there yet. */
export function refuseContractsTooEarly(phase: Phase, pending: readonly MigrationFile[]): void {
  const [contract] = pending.filter((file) => file.phase === 'contract')
  if (phase !== 'contract' || contract === undefined) return
  const lastContract = pending.findLast((file) => file.phase === 'contract') ?? contract
  const before = pending.filter((file) => file.phase === 'expand' && compareIds(file.id, lastContract.id) < 0)
  if (before.length > 0)
    throw new UserError(
      `${lastContract.path} waits for what comes before it: ${before.map(({ path }) => path).join(', ')}`,
      {
        hint: 'Run `migrate` with phase expand first, and deploy the release that needs it.',
      },
    )
}
