import { judgeBlocks } from '../analysis/judge.js'
import type { Judgement, Verdict } from '../rollout/ports/judge.js'
import { judgedWithoutData } from '../rollout/evidence/without-data.js'
import type { JudgedFile } from './file-schema.js'

/** A judgement, and beside it what was said when the same blocks were judged before. */
export interface Replay extends Judgement {
  /** Absent where the file holds no judgement to compare with. */
  readonly replay?: {
    /** The verdict that the file holds. */
    readonly recorded: Verdict
    readonly same: boolean
    /** Metrics that are judged otherwise than the file says, or that only one of the two knows. */
    readonly differing: readonly string[]
  }
}

/** Judges what a file holds. The same file gives the same judgement, anywhere. */
export function judgeFile({ parameters, blocks, judgement: recorded, noData }: JudgedFile): Replay {
  const now = judgedWithoutData(judgeBlocks(parameters, blocks), noData)
  if (recorded === undefined) return now
  const verdictIn = (metrics: Judgement['metrics'] | typeof recorded.metrics, name: string) =>
    metrics.find((metric) => metric.name === name)?.verdict
  const names = [...new Set([...now.metrics, ...recorded.metrics].map(({ name }) => name))]
  const differing = names.filter((name) => verdictIn(now.metrics, name) !== verdictIn(recorded.metrics, name))
  return {
    ...now,
    replay: {
      recorded: recorded.verdict,
      same: now.verdict === recorded.verdict,
      differing,
    },
  }
}
