import type { Block, MetricRule } from '../../rollout/ports/judge.js'
import { bothSides, type Measurement } from '../measurements.js'
import { SideSoFar } from '../side-so-far.js'

/** Values of each side that are compared at most: the pairs of both are all kept. */
const MOST_VALUES = 300
/** A side with fewer than this part of the other's values was missing for much of the time. */
const FEWEST_PART = 0.5

/** How far values are apart, in milliseconds: as asked for, or further where there would be more than 300 of them. */
export function comparableRhythm(intervalMs: number, blocks: readonly Block[]): number {
  const [first, last] = [blocks[0], blocks.at(-1)]
  if (first === undefined || last === undefined || blocks.length <= MOST_VALUES) return intervalMs
  const allMs = last.toMs - first.fromMs
  return allMs > 0 ? Math.max(intervalMs, allMs / MOST_VALUES) : intervalMs
}

/** Why a comparison says nothing of both sides alike: one is silent by now, or has far fewer values than the other. */
export function oneSided(
  rule: MetricRule,
  values: readonly Measurement[],
  here: readonly Block[],
): string | undefined {
  const [stable, candidate] = [new SideSoFar(), new SideSoFar()]
  for (const block of here) {
    const both = bothSides(rule, [block])
    const lengthMs = Math.max(0, block.toMs - block.fromMs)
    stable.add(both.stable?.count, lengthMs)
    candidate.add(both.candidate?.count, lengthMs)
  }
  const silent = (who: string, ms: number) => `no data of ${who} for the last ${Math.round(ms / 1000)} s`
  if (candidate.missingMs !== undefined) return silent('the candidate', candidate.missingMs)
  if (stable.missingMs !== undefined) return silent('stable', stable.missingMs)
  const valuesOf = (side: 'stable' | 'candidate') =>
    values.filter((both) => both[side]?.value !== undefined).length
  const [ofStable, ofCandidate] = [valuesOf('stable'), valuesOf('candidate')]
  if (Math.min(ofStable, ofCandidate) >= FEWEST_PART * Math.max(ofStable, ofCandidate)) return undefined
  return `${ofCandidate} values of the candidate and ${ofStable} of stable: too few of one side to compare with`
}
