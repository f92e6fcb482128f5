import { withoutPods } from './add-samples.js'
import type { Block } from './ports/judge.js'

type Side = 'stable' | 'candidate'

/** Blocks in which single pods are known only where they are to be kept; the counts of the sides stay as they are. */
export function podsWhere(
  blocks: readonly Block[],
  kept: (block: Block, side: Side) => boolean,
): readonly Block[] {
  return blocks.map((block) => ({
    ...block,
    metrics: Object.fromEntries(
      Object.entries(block.metrics).map(([name, { stable, candidate }]) => [
        name,
        {
          ...(stable && { stable: kept(block, 'stable') ? stable : withoutPods(stable) }),
          ...(candidate && { candidate: kept(block, 'candidate') ? candidate : withoutPods(candidate) }),
        },
      ]),
    ),
  }))
}
