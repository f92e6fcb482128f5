import type { Outcome } from '../rollout/outcome.js'

/** A further table of the summary: checks of a smoke test, migrations. Every cell is taken as plain text. */
export interface SummaryTable {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What a step's job summary is made of. */
export interface RolloutReport {
  /** The action: `canary-step`. */
  readonly step: string
  readonly service: string
  readonly environment: string
  readonly outcome: Outcome
  readonly dryRun: boolean
  readonly tables?: readonly SummaryTable[]
}
