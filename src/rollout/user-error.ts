/** A line of a file in the repository, and what is wrong there. Lines and columns count from 1. */
export interface FileMark {
  /** Relative to the workspace. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Without the place. No secrets. */
  readonly message: string
}

/**
 * A mistake or a situation that the user can mend: an input, the config, a permission, a busy service.
 * The message says what was given and what is allowed; `hint` says what to do next. Everything else that
 * is thrown is our own bug and keeps its stack.
 */
export class UserError extends Error {
  readonly hint: string | undefined
  /** The lines of files that are wrong, for a tool that shows them at their place; the message names them too. */
  readonly marks: readonly FileMark[]

  constructor(
    message: string,
    options: { hint?: string; cause?: unknown; marks?: readonly FileMark[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'UserError'
    this.hint = options.hint
    this.marks = options.marks ?? []
  }
}

/** The message of anything thrown, without assuming that it is an Error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
