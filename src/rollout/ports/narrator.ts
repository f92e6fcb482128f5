/** A wait that people can see: what for, how long at most, how far it is. */
export interface Wait {
  /** How far it is; shown when it changes. */
  progress(detail: string): void
  done(): void
}

/** Tells people what happens while it happens. */
export interface Narrator {
  /** One line of the log. */
  say(line: string): void
  /** Something the user should know of, without its being wrong. */
  notice(line: string): void
  warn(line: string): void
  /** Starts a visible wait of at most `limitMs`. */
  waiting(what: string, limitMs: number): Wait
}
