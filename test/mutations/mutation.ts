/**
 * One gate taken out: a single line of the source becomes another, or nothing, and the named test must then fail.
 * A gate whose test stays green without it guards nothing.
 */
export interface Mutation {
  /** The gate or trap that the line is. */
  readonly guards: string
  readonly file: string
  /** The whole line, without its indentation; it must occur exactly once in the file. */
  readonly line: string
  /** What stands there instead; '' takes the line out. */
  readonly becomes: string
  /** The test file that must turn red. */
  readonly test: string
  /** Part of the names of the tests in it that speak of this gate; all of them if not given. */
  readonly named?: string
}
