import type { Outcome } from '../rollout/outcome.js'

/** A step that succeeded and says little for the release all the same. */
export interface Doubt {
  /** For the heading, behind the result: `not judged`. */
  readonly title: string
  /** For an annotation; absent where the log has warned already. */
  readonly warning?: string
}

/** Why a success is no good news of the release: it went on without a verdict, or its pass rules little out. */
export function doubtOf({ result, verdict, report }: Outcome): Doubt | undefined {
  if (result !== 'succeeded') return undefined
  if (verdict === 'fail') return { title: 'failed, and only reported' }
  if (verdict === 'inconclusive') return { title: 'went on, not judged' }
  const weak =
    report?.judgement.metrics.filter((metric) => metric.littleKnown && metric.dryRun !== true) ?? []
  if (weak.length === 0 || report?.judgement.verdict !== 'pass') return undefined
  const allowed = weak.map(({ name, stillAllowed }) => `${name}: ${stillAllowed ?? 'any regression'}`)
  return {
    title: 'little is known',
    warning: `Passed, but little is known of the release. What was counted still allows ${allowed.join('; ')}. Hold longer or give it more weight; \`require: proof\` makes this inconclusive.`,
  }
}
