import { figuresOf } from '../../src/rollout/figures.js'
import type { Judge } from '../../src/rollout/ports/judge.js'

/** A judge whose rule fits in a line, so that tests of the core depend on no statistics. */
export const plainJudge: Judge = ({ minSamples, holdOver }, blocks) => {
  const stable = figuresOf(blocks, 'stable')
  const candidate = figuresOf(blocks, 'candidate')
  if (candidate === undefined || candidate.requests < minSamples) {
    return {
      verdict: 'inconclusive',
      reason: `only ${candidate?.requests ?? 0} of ${minSamples} requests`,
      metrics: [],
    }
  }
  const shareOf = (figures: typeof stable): number =>
    (figures?.errors ?? 0) / Math.max(1, figures?.requests ?? 0)
  if (shareOf(candidate) > shareOf(stable) + 0.02)
    return { verdict: 'fail', reason: 'more errors than stable', metrics: [] }
  return { verdict: holdOver ? 'pass' : 'inconclusive', reason: 'no harm shown', metrics: [] }
}
