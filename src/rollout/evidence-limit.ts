import { addSamples } from './add-samples.js'
import { fewerPods, noPods } from './fewer-pods.js'
import type { Block } from './ports/judge.js'
import type { Sample } from './ports/metric-source.js'

/** Evidence kept in the ledger, as text, in bytes. */
export const EVIDENCE_LIMIT_BYTES = 65_536

/** Blocks are made coarser to keep what is known of pods, but not fewer than these: a regression must still show in time. */
const FEWEST_FOR_PODS = 24

/**
 * Merges blocks of equal weight until the evidence fits: counts add up, so no evidence is lost, only its grain. What is
 * known of single pods is thinned out before, and given up only where there would be too few blocks otherwise.
 */
export function boundedBlocks(blocks: readonly Block[], limitBytes = EVIDENCE_LIMIT_BYTES): readonly Block[] {
  const fits = (some: readonly Block[]): boolean => JSON.stringify(some).length <= limitBytes
  if (fits(blocks)) return blocks
  for (const coarser of everCoarser(blocks)) {
    if (coarser.length < FEWEST_FOR_PODS) break
    const fitting = fewerPods(coarser).find(fits)
    if (fitting !== undefined) return fitting
  }
  let coarsest: readonly Block[] = []
  for (const coarser of everCoarser(noPods(blocks))) {
    if (fits(coarser)) return coarser
    coarsest = coarser
  }
  // What cannot be merged is dropped, the oldest first.
  return coarsest.slice(Math.ceil(coarsest.length / 2))
}

/** The blocks, then half as many, and so on, until none of them can be merged. */
function* everCoarser(blocks: readonly Block[]): Generator<readonly Block[]> {
  yield blocks
  const coarser = mergeNeighbours(blocks)
  if (coarser.length < blocks.length) yield* everCoarser(coarser)
}

function mergeNeighbours(blocks: readonly Block[]): readonly Block[] {
  const merged: Block[] = []
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i]
    const next = blocks[i + 1]
    if (block === undefined) continue
    const both = next !== undefined && next.weight === block.weight ? mergeBlocks(block, next) : undefined
    merged.push(both ?? block)
    if (both !== undefined) i++
  }
  return merged
}

function mergeBlocks(one: Block, other: Block): Block | undefined {
  const metrics: Record<string, { stable?: Sample; candidate?: Sample }> = {}
  for (const name of new Set([...Object.keys(one.metrics), ...Object.keys(other.metrics)])) {
    const stable = addSamples(one.metrics[name]?.stable, other.metrics[name]?.stable)
    const candidate = addSamples(one.metrics[name]?.candidate, other.metrics[name]?.candidate)
    if (stable === 'differ' || candidate === 'differ') return undefined
    metrics[name] = { ...(stable && { stable }), ...(candidate && { candidate }) }
  }
  return { fromMs: one.fromMs, toMs: other.toMs, weight: one.weight, metrics }
}
