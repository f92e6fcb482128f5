import type { ControlClient } from './control/control-client.js'
import type { LocalSettings } from './settings.js'

/** One service on this machine, as a step sees it. */
export interface LocalService {
  readonly settings: LocalSettings
  /** Shared with the router and the metric source of the same service. */
  readonly client: ControlClient
  /** The folder that `artifact` and `working-directory` are relative to, absolute. */
  readonly workspace: string
  /** A dry run starts no supervisor: it reads what a stopped one left. */
  readonly dryRun?: boolean
  /** The step's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
}
