/**
 * A mistake or a situation that the user can mend: an input, the config, a permission, a busy service.
 * The message says what was given and what is allowed; `hint` says what to do next. Everything else that
 * is thrown is our own bug and keeps its stack.
 */
export class UserError extends Error {
  readonly hint: string | undefined

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'UserError'
    this.hint = options.hint
  }
}

/** The message of anything thrown, without assuming that it is an Error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
