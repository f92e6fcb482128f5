import type { Weighed } from './e-value/sequential-evidence.js'
import type { MetricTest } from './metric-test.js'

/** Evidence of one kind: against what is tolerated beside stable, or against an absolute limit. */
interface Weighing {
  readonly logE: number
  readonly recent: number
  readonly weighed: Weighed
}

/** What a metric says that is held against stable, and against a limit where there is one. */
export abstract class AgainstStableAndLimit implements Pick<
  MetricTest<never>,
  'worse' | 'overLimit' | 'recent' | 'weighed' | 'notes'
> {
  readonly #stable: Weighing
  readonly #limit: Weighing | undefined

  constructor(stable: Weighing, limit: Weighing | undefined) {
    this.#stable = stable
    this.#limit = limit
  }

  get worse(): number {
    return this.#stable.logE
  }

  get overLimit(): number | undefined {
    return this.#limit?.logE
  }

  get recent(): number {
    return Math.max(this.#stable.recent, this.#limit?.recent ?? -Infinity)
  }

  get weighed(): MetricTest<never>['weighed'] {
    return { worse: this.#stable.weighed, overLimit: this.#limit?.weighed }
  }

  notes(): readonly string[] {
    return []
  }
}
