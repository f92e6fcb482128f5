import type { Block, JudgeParameters, MetricJudgement, MetricRule } from '../rollout/ports/judge.js'
import type { MetricBake } from './metric-bake.js'
import { withoutPods } from './without-pods.js'

type Method = (rule: MetricRule, blocks: readonly Block[], parameters: JudgeParameters) => MetricJudgement

/** A metric that is judged by another method than evidence, from all its blocks; of them only its own counts are kept. */
export class OtherMethod implements MetricBake {
  readonly #rule: MetricRule
  readonly #parameters: Omit<JudgeParameters, 'holdOver'>
  readonly #method: Method
  readonly #blocks: Block[] = []

  constructor(rule: MetricRule, parameters: Omit<JudgeParameters, 'holdOver'>, method: Method) {
    this.#rule = rule
    this.#parameters = parameters
    this.#method = method
  }

  add({ fromMs, toMs, weight, metrics }: Block): void {
    const { stable, candidate } = metrics[this.#rule.name] ?? {}
    const counts = {
      ...(stable && { stable: withoutPods(stable) }),
      ...(candidate && { candidate: withoutPods(candidate) }),
    }
    this.#blocks.push({ fromMs, toMs, weight, metrics: { [this.#rule.name]: counts } })
  }

  /** Nothing but evidence can show that a regression is excluded; a threshold may say how many measurements are enough. */
  get mayEndEarly(): boolean {
    return this.#rule.threshold?.count !== undefined && this.judgement(false).verdict === 'pass'
  }

  judgement(holdOver: boolean): MetricJudgement {
    return this.#method(this.#rule, this.#blocks, { ...this.#parameters, holdOver })
  }
}
