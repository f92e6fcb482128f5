import type { MetricJudgement, MetricRule } from '../rollout/ports/judge.js'
import type { MetricBake } from './metric-bake.js'

/** A single number per window says nothing of how sure it is: no evidence can be made of it. */
export class UnjudgedScalar implements MetricBake {
  readonly mayEndEarly = false
  readonly #rule: MetricRule

  constructor(rule: MetricRule) {
    this.#rule = rule
  }

  add(): void {}

  judgement(): MetricJudgement {
    const { name } = this.#rule
    const none = { requests: 0, value: undefined }
    return {
      name,
      verdict: 'inconclusive',
      reason: `${name}: a single number per window cannot be judged by evidence; allowed: method threshold or mann-whitney, or a source that counts`,
      stable: none,
      candidate: none,
      unit: 'value',
    }
  }
}
