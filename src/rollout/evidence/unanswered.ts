/** After so long a question is put again although the answer to the last one never came, in milliseconds. */
const FORGET_MS = 60_000

/**
 * Questions that a source still owes an answer to. They are not put again meanwhile: a source that hangs over one metric
 * is waited for once, and does not hold up the verdict on the others at each look.
 */
export class Unanswered {
  readonly #sinceMs = new Map<string, number>()

  /** Whether the question is open. */
  has(name: string, nowMs: number): boolean {
    const sinceMs = this.#sinceMs.get(name)
    return sinceMs !== undefined && nowMs - sinceMs < FORGET_MS
  }

  /** Notes a question until its answer comes, or it fails. */
  note<Answer>(name: string, nowMs: number, answer: Promise<Answer>): Promise<Answer> {
    this.#sinceMs.set(name, nowMs)
    const answered = (): void => {
      if (this.#sinceMs.get(name) === nowMs) this.#sinceMs.delete(name)
    }
    answer.then(answered, answered)
    return answer
  }
}
