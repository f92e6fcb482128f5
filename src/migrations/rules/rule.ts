import type { Node } from 'libpg-query'
import type { SetObjects } from './set-objects.js'

export type RuleId =
  | 'drop-table'
  | 'drop-column'
  | 'drop-object'
  | 'rename'
  | 'required-column'
  | 'set-not-null'
  | 'column-type'
  | 'truncate'
  | 'index-blocks-writes'
  | 'constraint-builds-index'

/** Why a statement must not run while the live release serves. */
export interface Breakage {
  readonly rule: RuleId
  /** `breaks`: the live release fails, which a declared contract allows. `locks`: its requests wait, in any phase. */
  readonly effect: 'breaks' | 'locks'
  /** What is broken or locked, and until when. */
  readonly what: string
  /** How the same is reached without that, as SQL where it can be. */
  readonly safe: string
  /** Where in the file, in UTF-8 bytes, when it is known more exactly than by the statement. */
  readonly offset?: number | undefined
}

/** Looks at one statement, given what the set of migrations has created before it. */
export type Rule = (node: Node, set: SetObjects) => readonly Breakage[]
