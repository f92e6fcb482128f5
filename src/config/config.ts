import type { LocalSettings } from '../platforms/local/settings.js'
import type { IfBusy, OnCancel, Policy } from '../rollout/policy.js'
import type { Strategy } from '../rollout/plan.js'
import type { VersionMark } from '../rollout/ports/witness.js'
import type { SmokeCheckSettings } from './smoke-schema.js'
import type { SourceConfig } from './sources/source-config.js'

/**
 * A text of rollout.yml in which `${NAME}` stands for a variable. It is filled in when it is used, not when the
 * file is read: most steps need no secret, and going back must not fail for want of one.
 */
export interface FromEnvironment {
  /** Where it stands in the file: `migrations.database`. */
  readonly key: string
  /** As it is written, without any value. Fit for logs. */
  readonly template: string
  /**
   * @param fault what is wrong with the text when it is filled in, without any secret; undefined if nothing is
   * @throws UserError that names each variable which is empty or not set, or says what is wrong, with file, line and column.
   */
  value(fault?: (text: string) => string | undefined): Promise<string>
}

/** A check as it is written, or files that hold lists of them. */
export type SmokeEntry =
  SmokeCheckSettings | { readonly files: string; readonly at: readonly (string | number)[] }

export interface ConfirmSettings {
  /** Absent: the public address that the platform knows. */
  readonly url: FromEnvironment | undefined
  readonly version: VersionMark
}

export interface MigrationSettings {
  /** Relative to the workspace. */
  readonly directory: string
  readonly database: FromEnvironment | undefined
}

export interface GitHubSettings {
  readonly deployments: boolean
  readonly environmentUrl: FromEnvironment | undefined
}

/** rollout.yml for one service in one environment: checked, defaults filled in, durations in milliseconds. */
export interface Config {
  /** The file that was read, for messages. */
  readonly file: string
  readonly service: string
  /** From the workflow or the file; never guessed. */
  readonly environment: string | undefined
  /** Ready for the core: plan, timing, analysis and what to do when. */
  readonly policy: Policy
  readonly platform: { readonly kind: 'local'; readonly settings: LocalSettings }
  readonly router: { readonly kind: 'local' }
  /** Where the counts of the metrics come from, each of one source. Absent: nothing is judged. */
  readonly metrics: readonly SourceConfig[] | undefined
  /** Checks of the plan's step with weight 0, then those of the top level. */
  readonly smoke: readonly SmokeEntry[]
  /** Absent: shares are not confirmed by real answers. */
  readonly confirm: ConfirmSettings | undefined
  readonly migrations: MigrationSettings | undefined
  readonly github: GitHubSettings
  /** What the log should say about how file and workflow were brought together. */
  readonly notes: readonly string[]
}

/** What a workflow's inputs say, which wins over the file. Already checked. */
export interface Overrides {
  readonly strategy?: Strategy | undefined
  readonly onCancel?: OnCancel | undefined
  readonly ifBusy?: IfBusy | undefined
  readonly adopt?: boolean | undefined
  readonly dryRun?: boolean | undefined
}
