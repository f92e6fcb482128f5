import { coarserBlocks, coarserHistory } from './coarser-blocks.js'
import { fewerPods, noPods } from './fewer-pods.js'
import type { Block } from '../ports/judge.js'
import { sizeInBytes } from './size-in-bytes.js'

/** Evidence kept in the ledger, as text, in bytes. */
export const EVIDENCE_LIMIT_BYTES = 65_536

/** Blocks of history are merged to so many before anything else is: they only say what to expect of stable. */
const HISTORY_BLOCKS = 20

/** Into so many parts of its time the candidate's blocks may be merged to keep what is known of stable's pods, and then without them. */
const PARTS_WITH_PODS = 40
const PARTS = 10

/**
 * Merges blocks of equal weight until the evidence fits: counts add up, so none is lost, but a regression shows only in as many blocks as
 * there are of the candidate. So what is known of single pods is thinned out first, then history is made coarser, and only then the
 * candidate's blocks are merged, the oldest first, and none beyond a tenth of its time while there is another way.
 */
export function boundedBlocks(blocks: readonly Block[], limitBytes = EVIDENCE_LIMIT_BYTES): readonly Block[] {
  if (sizeInBytes(blocks) <= limitBytes) return blocks
  for (const fewer of everLess(blocks, limitBytes)) if (sizeInBytes(fewer) <= limitBytes) return fewer
  return newestWithin(coarserBlocks(noPods(blocks), 1, limitBytes, false), limitBytes)
}

/** What is given up, the cheapest first. */
function* everLess(blocks: readonly Block[], limitBytes: number): Generator<readonly Block[]> {
  const start = startOfCandidate(blocks)
  const [history, bake] = [blocks.slice(0, start), blocks.slice(start)]
  for (const past of coarserHistory(history, HISTORY_BLOCKS)) yield* fewerPods([...past, ...bake])
  const past = coarserHistory(history, HISTORY_BLOCKS).at(-1) ?? []
  for (const fewer of fewerPods([...past, ...bake]).slice(-2)) {
    const merged = coarserBlocks(
      fewer.slice(past.length),
      PARTS_WITH_PODS,
      limitBytes - sizeInBytes(fewer.slice(0, past.length)),
    )
    yield [...fewer.slice(0, past.length), ...merged]
  }
  const [bare, bareBake] = [noPods(past), noPods(bake)]
  for (const some of coarserHistory(noPods(history), HISTORY_BLOCKS)) yield [...some, ...bareBake]
  yield [...bare, ...coarserBlocks(bareBake, PARTS, limitBytes - sizeInBytes(bare))]
  const least = coarserHistory(bare, 1).at(-1) ?? []
  for (const parts of [PARTS, PARTS / 2, 2, 1]) {
    yield [...least, ...coarserBlocks(bareBake, parts, limitBytes - sizeInBytes(least))]
    yield [...least, ...coarserBlocks(bareBake, parts, limitBytes - sizeInBytes(least), false)]
  }
}

/** Before the first block with a candidate there is history alone. */
function startOfCandidate(blocks: readonly Block[]): number {
  const first = blocks.findIndex(({ metrics }) =>
    Object.values(metrics).some(({ candidate }) => candidate !== undefined),
  )
  return first < 0 ? blocks.length : first
}

/** What cannot be merged is dropped, the oldest first. */
function newestWithin(blocks: readonly Block[], limitBytes: number): readonly Block[] {
  let from = 0
  for (let size = sizeInBytes(blocks); from < blocks.length && size > limitBytes; from++)
    size -= sizeInBytes(blocks[from]) + 1
  return blocks.slice(from)
}
