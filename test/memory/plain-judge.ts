import { figuresOf } from '../../src/rollout/evidence/figures.js'
import type { Block, Judge, Judgement } from '../../src/rollout/ports/judge.js'

/** A judge whose rule fits in a line, so that tests of the core depend on no statistics. */
export const plainJudge: Judge = ({ minSamples }) => {
  const blocks: Block[] = []
  return {
    add: (block) => void blocks.push(block),
    judgement: (holdOver) => judgementOf(blocks, minSamples, holdOver),
  }
}

/** A judge that sees harm in nothing and proves harmlessness as soon as it has seen so many blocks of the candidate. */
export function easilyConvinced(after: number): Judge {
  return () => {
    let seen = 0
    return {
      add: ({ metrics }) => void (seen += Object.values(metrics).some(({ candidate }) => candidate) ? 1 : 0),
      judgement: (holdOver) =>
        holdOver || seen >= after
          ? { verdict: 'pass', reason: `harmless after ${seen} blocks`, metrics: [], early: seen >= after }
          : { verdict: 'inconclusive', reason: `only ${seen} blocks`, metrics: [] },
    }
  }
}

function judgementOf(blocks: readonly Block[], minSamples: number, holdOver: boolean): Judgement {
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
