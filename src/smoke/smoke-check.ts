/** What one answer must be. */
export interface Expectation {
  /** Any of these. */
  readonly status: readonly number[]
  /** Texts that the body must contain. */
  readonly contains: readonly string[]
  /** JSON paths (RFC 9535) into the body, and the value that each must have. */
  readonly json: Readonly<Record<string, string | number | boolean | null>>
  /** The whole answer must be there in this time, in milliseconds. */
  readonly withinMs: number
}

/** One request, and what its answer must be. */
export interface SmokeCheck {
  /** What it is called in logs and summaries. */
  readonly name: string
  readonly method: string
  /** Path and query, from the base address. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly expect: Expectation
  /** How often it is asked again before it counts as failed. */
  readonly retries: number
}

export interface CheckResult {
  readonly name: string
  readonly passed: boolean
  /** How long the last try took, in milliseconds. */
  readonly ms: number
  /** What was found, in a sentence: numbers with units, untrusted text shortened and made harmless. */
  readonly sentence: string
}
