import { listServices } from '../config/load-config.js'
import type { ConfigSource } from '../config/read-config-file.js'
import type { Outcome } from '../rollout/outcome.js'
import { UserError } from '../rollout/user-error.js'
import type { Conclusion } from '../workflow/conclusion.js'
import { runAction, type MainStage } from '../workflow/run-action.js'
import { refusedOutcome } from './after-going-back.js'
import { withConfigOf } from './kept-config.js'
import { conclusionOf } from './on-service.js'
import { wire, type Wired } from './wiring.js'

type RollbackStage = MainStage<'rollback'>

/** Back to stable, or to a named release. Without `service`: every open rollout of this run, newest first. */
export function rollback(): Promise<void> {
  return runAction('rollback', async (stage) => {
    const wired = await withConfigOf(stage, stage.inputs.config, (source) => wireServices(stage, source))
    try {
      const conclusions: Conclusion[] = []
      for (const one of await newestFirst(wired)) {
        conclusions.push(await conclusionOf(stage, one, { outcome: await outcomeOf(stage, one) }))
      }
      return conclusions
    } finally {
      await Promise.all(wired.map((one) => one.close()))
    }
  })
}

async function wireServices(stage: RollbackStage, source: ConfigSource): Promise<readonly Wired[]> {
  const { service } = stage.inputs
  const services = service === undefined ? await listServices(source) : [service]
  return Promise.all(services.map((one) => wireService(stage, source, one)))
}

function wireService(stage: RollbackStage, source: ConfigSource, service: string): Promise<Wired> {
  const { config, environment, state } = stage.inputs
  const overrides = { dryRun: stage.inputs['dry-run'] }
  return wire(stage, { config, source, service, environment, state, step: 'rollback', overrides })
}

async function newestFirst(wired: readonly Wired[]): Promise<readonly Wired[]> {
  if (wired.length < 2) return wired
  const dated = await Promise.all(wired.map(async (one) => ({ one, at: await openedAt(one) })))
  return dated.sort((first, second) => second.at.localeCompare(first.at)).map(({ one }) => one)
}

/** '' also where it cannot be read: the others are taken back all the same. */
async function openedAt({ conductor }: Wired): Promise<string> {
  try {
    return (await conductor.openedAt()) ?? ''
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    return ''
  }
}

/** One service that cannot be taken back, since its ledger cannot be read, must not keep the others from it. */
async function outcomeOf(stage: RollbackStage, wired: Wired): Promise<Outcome> {
  try {
    stage.narrator.phase(`rollback: ${wired.config.service}`)
    return await goBack(stage, wired)
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    return refusedOutcome(thrown)
  } finally {
    stage.narrator.endPhase()
  }
}

function goBack({ inputs }: RollbackStage, { conductor }: Wired): Promise<Outcome> {
  if (inputs['if-stale'] === 'back') return conductor.sweep()
  const { to, reason } = inputs
  return conductor.rollback({
    jobStatus: inputs['job-status'],
    ...(to !== undefined && { to }),
    ...(reason !== undefined && { reason }),
  })
}
