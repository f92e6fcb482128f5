import { requestsIn, type Histogram } from '../../rollout/evidence/histogram.js'
import { numberText, toleratedText } from '../figures-in-words.js'
import { edgesFor, FEWEST_REQUESTS } from './latency-track.js'
import type { Tolerance } from '../tolerance.js'

/** Buckets that turn the tolerance into this many times as much hide regressions that were meant to be seen. */
const COARSE = 2

/** What the histogram's edges make of a rule: a tolerance is rounded up to a bucket, and nothing is seen beyond the last edge. */
export function bucketNotes(
  past: Histogram | undefined,
  percentile: number,
  tolerance: Tolerance,
  limitMs: number | undefined,
): readonly string[] {
  const last = past?.edgesMs.at(-1)
  if (past === undefined || last === undefined || requestsIn(past) < FEWEST_REQUESTS) return []
  const notes: string[] = []
  const edges = edgesFor(past, percentile, tolerance)
  const [from, to] = edges === undefined ? [] : [past.edgesMs[edges.stable], past.edgesMs[edges.candidate]]
  if (from !== undefined && to !== undefined) notes.push(toleranceNote(percentile, tolerance, from, to))
  else {
    notes.push(
      `nothing slower than the last bucket edge, ${numberText(last)} ms, can be told apart: a regression of p${percentile} cannot be seen; add buckets above it`,
    )
  }
  if (limitMs !== undefined && limitMs > last) {
    notes.push(
      `the limit of ${numberText(limitMs)} ms lies above the last bucket edge, ${numberText(last)} ms: it cannot be judged; add a bucket at the limit`,
    )
  }
  return notes
}

function toleranceNote(percentile: number, tolerance: Tolerance, from: number, to: number): string {
  const effective = to / from - 1
  const wanted = Math.max(tolerance.ratio - 1, tolerance.more / from)
  const named = `effective tolerance at p${percentile}: ${numberText(100 * effective)} % (from ${numberText(from)} ms to ${numberText(to)} ms, the bucket edges nearest to stable's)`
  if (effective <= COARSE * wanted) return named
  const asked = toleratedText({ kind: 'latency' }, tolerance)
  return `${named}; ${asked} was asked for, but with these buckets only what is slower than ${numberText(to)} ms is seen: a bucket edge at ${numberText(from * (1 + wanted))} ms would show smaller regressions`
}
