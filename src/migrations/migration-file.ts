import type { Phase } from './phase.js'

/** One file of SQL, read but not yet parsed. */
export interface MigrationFile {
  /** What stands before the first separator of its name, without leading zeros: unique in a directory. */
  readonly id: string
  /** Path below the directory, with `/`: what `applied` and `pending` name. */
  readonly name: string
  /** Path as a user would write it, from where they stand: what errors name. */
  readonly path: string
  readonly sql: string
  /** SHA-256 of the text, in hexadecimal. Line endings do not count: git may rewrite them on checkout. */
  readonly checksum: string
  readonly phase: Phase
  /** First release that no longer uses what a contract removes. */
  readonly safeSince: string | undefined
}
