/** A side that was silent for shorter than this is not missing, in milliseconds. */
const MISSING_MS = 60_000
/** Gaps between requests are uneven: silence of this many average ones is no chance. */
const MANY_GAPS = 10

/** How one side was heard at the present weight. Windows without data and windows without requests are silence alike. */
export class SideSoFar {
  #requests = 0
  #heardMs = 0
  #silentMs = 0

  /** For how long nothing came, up to now, if for too long: more than a minute, and than ten average gaps between its requests. */
  get missingMs(): number | undefined {
    const gapMs = this.#requests === 0 ? 0 : this.#heardMs / this.#requests
    return this.#silentMs > Math.max(MISSING_MS, MANY_GAPS * gapMs) ? this.#silentMs : undefined
  }

  /** @param requests in a window; undefined or 0 is silence */
  add(requests: number | undefined, lengthMs: number): void {
    if (requests === undefined || requests === 0) {
      this.#silentMs += lengthMs
      return
    }
    this.#requests += requests
    this.#heardMs += this.#silentMs + lengthMs
    this.#silentMs = 0
  }
}
