import { join } from 'node:path'
import { LocalMetricSource } from '../../metrics/local.js'
import { LocalRouter } from '../../routers/local.js'
import { ControlClient } from './control/control-client.js'
import { FileLedgerStore } from './file-ledger-store.js'
import { LocalPlatform, type Taking } from './local-platform.js'
import type { LocalService } from './local-service.js'

/** The embedded platform with its router, metrics and ledger, over one connection to the supervisor. */
export function openLocal(given: Omit<LocalService, 'client'>, taking: Taking = 'slots') {
  const supervisorEntry = join(import.meta.dirname, 'local-supervisor.js')
  const client = new ControlClient({
    settings: given.settings,
    supervisorEntry,
    environment: given.environment,
    dryRun: given.dryRun ?? false,
  })
  const platform = new LocalPlatform({ ...given, client }, taking)
  return {
    platform,
    router: new LocalRouter(client),
    metrics: new LocalMetricSource(client),
    ledgers: new FileLedgerStore(given.settings.directory),
    publicUrl: () => platform.publicAddress(),
    close: () => client.close(),
  }
}
