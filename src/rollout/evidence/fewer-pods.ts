import { withoutPods } from './add-samples.js'
import { withPodGroups } from './pod-groups.js'
import type { Block } from '../ports/judge.js'
import type { Sample } from '../ports/metric-source.js'

/** Of so long at either end groups of pods are kept longest, in milliseconds: as long as the judge adds pods up before it compares them. */
const ENDS_MS = 300_000

/**
 * The same blocks with ever less known of single pods, never with none known of stable's. The candidate's go first, which
 * judge nothing. Of stable's many groups are made, and then only the first ones, which tell by how much everything after
 * them is tempered, and the newest ones are kept.
 */
export function fewerPods(blocks: readonly Block[]): readonly (readonly Block[])[] {
  const endOfFirst = (blocks[0]?.fromMs ?? 0) + ENDS_MS
  const startOfLast = (blocks.at(-1)?.toMs ?? 0) - ENDS_MS
  const atAnEnd = ({ fromMs, toMs }: Block): boolean => toMs <= endOfFirst || fromMs >= startOfLast
  return [
    blocks,
    withSamples(blocks, (sample) => sample),
    withSamples(blocks, withPodGroups),
    withSamples(blocks, (sample, block) => (atAnEnd(block) ? withPodGroups(sample) : withoutPods(sample))),
  ]
}

/** The same blocks with nothing known of single pods. */
export function noPods(blocks: readonly Block[]): readonly Block[] {
  return withSamples(blocks, withoutPods)
}

/** Blocks with other samples of stable, and with no pods of the candidate; windows, weights and counts stay as they are. */
function withSamples(
  blocks: readonly Block[],
  ofStable: (sample: Sample, block: Block) => Sample,
): readonly Block[] {
  return blocks.map((block) => ({
    ...block,
    metrics: Object.fromEntries(
      Object.entries(block.metrics).map(([name, { stable, candidate }]) => [
        name,
        {
          ...(stable && { stable: ofStable(stable, block) }),
          ...(candidate && { candidate: withoutPods(candidate) }),
        },
      ]),
    ),
  }))
}
