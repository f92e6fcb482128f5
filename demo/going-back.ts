import type { RunEvent, RunResult } from '../test/github/run-workflow.ts'

/** How the bad release was taken back. Moments are milliseconds since 1970, of this machine's clock. */
export interface GoingBack {
  /** Why, in the words of the step that noticed. */
  readonly reason: string
  /** When the deciding sample was there to be read: the last second that the judge needed was over. */
  readonly decidedAt: number
  /** When the step said that real answers confirmed 0 %. */
  readonly confirmedAt: number
}

/** Listens to a run, and notes when a hold was ended by its verdict and when 0 % was confirmed. */
export class Ear {
  #holdEndedAt: number | undefined
  #confirmedAt: number | undefined

  hear(event: RunEvent): void {
    if (event.type !== 'line' || this.#confirmedAt !== undefined) return
    if (/^ +waited .* at [\d.]+ %: stable /.test(event.line)) this.#holdEndedAt = Date.now()
    else if (event.line.startsWith('Back at stable: ')) this.#confirmedAt = Date.now()
  }

  /** How the run went back; undefined if it did not, by the verdict of a hold. */
  goingBack(result: RunResult): GoingBack | undefined {
    if (this.#holdEndedAt === undefined || this.#confirmedAt === undefined) return undefined
    const steps = result.jobRuns.flatMap((job) => job.steps).filter(({ stage }) => stage === 'main')
    const failed = steps.find(({ id, outcome }) => id.startsWith('canary-') && outcome === 'failure')
    const message = failed?.annotations.find(({ level }) => level === 'error')?.message
    if (message === undefined) return undefined
    const reason = message.split('\n')[0]?.replace(/^canary-step: /, '') ?? message
    // The router counts whole seconds, and the judge looks once in each: what it decided by was there to be read at
    // the last full second before it spoke.
    return {
      reason,
      decidedAt: Math.floor(this.#holdEndedAt / 1_000) * 1_000,
      confirmedAt: this.#confirmedAt,
    }
  }
}
