import type { Block, MetricJudgement } from '../rollout/ports/judge.js'

/** One metric of a bake, by whatever method it is judged. */
export interface MetricBake {
  add(block: Block): void
  /** Whether the hold may end now as far as this metric is concerned. */
  readonly mayEndEarly: boolean
  /** @param early whether all metrics allow the hold to end now */
  judgement(holdOver: boolean, early: boolean): MetricJudgement
}
