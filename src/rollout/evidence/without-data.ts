import type { Judgement } from '../ports/judge.js'

/**
 * What a judgement comes to while the source is silent: what was seen before must not pass, and nothing is proven early,
 * since what it did not tell might have been harm. A failure stays one. Live and when a report is judged again.
 * @param why what is missing; undefined while nothing is
 */
export function judgedWithoutData(judged: Judgement, why: string | undefined): Judgement {
  if (why === undefined || judged.verdict === 'fail') return judged
  const { early: _early, ...rest } = judged
  return { ...rest, verdict: 'inconclusive', reason: `no data (${why})` }
}
