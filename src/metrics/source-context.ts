import type { Clock } from '../rollout/ports/clock.js'

/** What a metric source needs of the world around it, and is given. */
export interface SourceContext {
  readonly clock: Clock
  /** Aborts when the step is cancelled: what is under way is given up. */
  readonly signal: AbortSignal
  /** The name of the source as the config has it, in messages: `main (prometheus)`. Default: its kind. */
  readonly sourceName?: string
  /** The service that is rolled out: `{{service}}` in queries. */
  readonly service: string
  /**
   * When the rollout began, by the runner's clock: series born later are counted from 0. A function, since a source is opened
   * before the ledger is read. Where it is not known, what a series had before it was first seen is not counted.
   */
  readonly rolloutStarted?: () => Date | undefined
  /** Folder that relative paths of files in settings start from. Default: the folder of the process. */
  readonly workspace?: string
  /** Tells people something once that they should know: a server's warning. */
  readonly warn: (line: string) => void
  /** Tells people something once that may be as it should: a line in the log. Default: `warn`. */
  readonly note?: (line: string) => void
  /** A number from 0 to 1 (1 excluded) for the jitter of pauses. Default: `Math.random`. */
  readonly random?: () => number
}
