import { isAbsolute, join } from 'node:path'
import { UserError } from '../rollout/user-error.js'
import type { Phase } from '../migrations/phase.js'
import type { SummaryTable } from '../workflow/rollout-report.js'
import { runAction, type Stage } from '../workflow/run-action.js'
import { onService, type Done } from './on-service.js'
import type { Wired } from './wiring.js'

/** Applies the migrations of a phase, under the service's lock and the database's. */
export function migrate(): Promise<void> {
  return runAction('migrate', (stage) => {
    const { phase, directory } = stage.inputs
    return onService(stage, 'migrate', {}, async (wired) => {
      const done = await migrateOn(stage, wired, {
        phase,
        directory,
        databaseUrl: stage.inputs['database-url'],
      })
      stage.outputs.set('applied', done.applied)
      stage.outputs.set('pending', done.pending)
      return done
    })
  })
}

export interface MigrateWish {
  readonly phase: Phase
  readonly directory: string | undefined
  readonly databaseUrl: string | undefined
}

/** Reserves the service for this run, then applies what is pending. */
export async function migrateOn(
  stage: Stage,
  { config, conductor }: Wired,
  wish: MigrateWish,
): Promise<Done & { applied: string; pending: string }> {
  const directory = wish.directory ?? config.migrations?.directory
  if (directory === undefined) {
    throw new UserError('no directory of migrations is named', {
      hint: 'Give the input `directory`, or `migrations: { directory: … }` in rollout.yml.',
    })
  }
  const databaseUrl = wish.databaseUrl ?? (await config.migrations?.database?.value())
  if (databaseUrl === undefined) {
    throw new UserError('no database is named', {
      hint: 'Give the input `database-url` from a secret, or `migrations: { database: "${DATABASE_URL}" }` in rollout.yml.',
    })
  }
  stage.masks.add('the database URL', databaseUrl)
  const { workspace, actor, commit } = stage.environment
  const migrations = await import('../migrations/migrate.js')
  let found = { applied: [] as readonly string[], pending: [] as readonly string[] }
  const outcome = await conductor.prepare(async () => {
    found = await migrations.migrate({
      service: config.service,
      directory: isAbsolute(directory) ? directory : join(workspace, directory),
      databaseUrl,
      phase: wish.phase,
      dryRun: config.policy.dryRun,
      run: { repository: actor.repository, runId: actor.run, attempt: actor.attempt, commit },
      narrate: (line) => stage.narrator.say(line),
      signal: stage.signal,
      clock: stage.clock,
    })
    const { applied, pending } = found
    const what = config.policy.dryRun
      ? `dry run: would apply ${listed(pending)}`
      : `applied ${listed(applied)}`
    return { result: applied.length === 0 ? 'unchanged' : 'succeeded', sentence: `${wish.phase}: ${what}` }
  })
  const rows = [...found.applied.map((id) => [id, 'applied']), ...found.pending.map((id) => [id, 'pending'])]
  const table: SummaryTable = { title: 'Migrations', columns: ['migration', 'state'], rows }
  const { applied, pending } = found
  return {
    outcome,
    applied: applied.join(','),
    pending: pending.join(','),
    ...(rows.length > 0 && { tables: [table] }),
  }
}

function listed(ids: readonly string[]): string {
  return ids.length === 0 ? 'nothing' : ids.join(', ')
}
