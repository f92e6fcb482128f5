import { addSamples } from './add-samples.js'
import { isEmpty } from './empty-sample.js'
import type { Block } from '../ports/judge.js'
import type { Sample } from '../ports/metric-source.js'
import { sizeInBytes } from './size-in-bytes.js'

/** The finest grain that is tried, in parts of the whole time. */
const FINEST_PARTS = 640

/** Blocks in ever fewer pieces, each time half as many, but not fewer than `fewest` unless there are fewer already. */
export function coarserHistory(blocks: readonly Block[], fewest: number): readonly (readonly Block[])[] {
  const grains: (readonly Block[])[] = [blocks]
  for (let count = blocks.length; count > fewest;) {
    count = Math.max(fewest, Math.ceil(count / 2))
    grains.push(inPieces(blocks, count))
  }
  return grains
}

/**
 * Blocks merged, oldest first, until they fit: by a grain as fine as can be, and none that would last longer than one of so many parts
 * of the whole time.
 *
 * @param alike blocks are only merged where the same samples are missing in both: what was silent must still be seen to be
 */
export function coarserBlocks(
  blocks: readonly Block[],
  parts: number,
  limitBytes: number,
  alike = true,
): readonly Block[] {
  const wholeMs = (blocks.at(-1)?.toMs ?? 0) - (blocks[0]?.fromMs ?? 0)
  let merged = blocks
  for (let grain = Math.max(parts, FINEST_PARTS); sizeInBytes(merged) > limitBytes; grain /= 2) {
    const longestMs = wholeMs / Math.max(parts, grain)
    merged = mergedOldestFirst(merged, longestMs, limitBytes, alike)
    if (grain <= parts) break
  }
  return merged
}

function mergedOldestFirst(
  blocks: readonly Block[],
  longestMs: number,
  limitBytes: number,
  alike: boolean,
): readonly Block[] {
  const merged: Block[] = []
  let size = sizeInBytes(blocks)
  for (const block of blocks) {
    const before = merged.at(-1)
    const may =
      before !== undefined &&
      size > limitBytes &&
      block.toMs - before.fromMs <= longestMs &&
      (!alike || sameMissing(before, block))
    const both = may ? mergeBlocks(before, block) : undefined
    if (before === undefined || both === undefined) {
      merged.push(block)
      continue
    }
    merged[merged.length - 1] = both
    size -= sizeInBytes(before) + 1 + sizeInBytes(block) - sizeInBytes(both)
  }
  return merged
}

function inPieces(blocks: readonly Block[], count: number): readonly Block[] {
  const merged: Block[] = []
  let pieceBefore = -1
  for (const [i, block] of blocks.entries()) {
    const piece = Math.floor((i * count) / blocks.length)
    const before = merged.at(-1)
    const both = before !== undefined && piece === pieceBefore ? mergeBlocks(before, block) : undefined
    if (both === undefined) merged.push(block)
    else merged[merged.length - 1] = both
    pieceBefore = piece
  }
  return merged
}

function sameMissing(one: Block, other: Block): boolean {
  const names = new Set([...Object.keys(one.metrics), ...Object.keys(other.metrics)])
  return [...names].every((name) => {
    const [these, those] = [one.metrics[name], other.metrics[name]]
    return (
      isMissing(these?.stable) === isMissing(those?.stable) &&
      isMissing(these?.candidate) === isMissing(those?.candidate)
    )
  })
}

function isMissing(sample: Sample | undefined): boolean {
  return sample === undefined || isEmpty(sample)
}

/** Undefined for blocks of two weights, and for samples that cannot be added. */
function mergeBlocks(one: Block, other: Block): Block | undefined {
  if (one.weight !== other.weight) return undefined
  const metrics: Record<string, { stable?: Sample; candidate?: Sample }> = {}
  for (const name of new Set([...Object.keys(one.metrics), ...Object.keys(other.metrics)])) {
    const stable = addSamples(one.metrics[name]?.stable, other.metrics[name]?.stable)
    const candidate = addSamples(one.metrics[name]?.candidate, other.metrics[name]?.candidate)
    if (stable === 'differ' || candidate === 'differ') return undefined
    metrics[name] = { ...(stable && { stable }), ...(candidate && { candidate }) }
  }
  return { fromMs: one.fromMs, toMs: Math.max(one.toMs, other.toMs), weight: one.weight, metrics }
}
