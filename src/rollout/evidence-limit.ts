import { addSamples } from './add-samples.js'
import { podsWhere } from './fewer-pods.js'
import type { Block } from './ports/judge.js'
import type { Sample } from './ports/metric-source.js'

/** Evidence kept in the ledger, as text, in bytes. */
export const EVIDENCE_LIMIT_BYTES = 65_536

/** Of so long at either end stable's pods are kept before all are given up, in milliseconds: as long as the judge compares pods over. */
const PODS_KEPT_MS = 300_000

/**
 * Merges blocks of equal weight until the evidence fits: counts add up, so no evidence is lost, only its grain. What is
 * known of single pods goes first: the candidate's, which judge nothing, then stable's in the middle, then all. The first
 * ones tell by how much everything after them is tempered, the newest ones what comes next is compared with.
 */
export function boundedBlocks(blocks: readonly Block[], limitBytes = EVIDENCE_LIMIT_BYTES): readonly Block[] {
  let bounded = blocks
  for (;;) {
    const fitting = lighter(bounded).find((fewer) => JSON.stringify(fewer).length <= limitBytes)
    if (fitting !== undefined) return fitting
    const coarser = mergeNeighbours(bounded)
    if (coarser.length === bounded.length)
      return podsWhere(bounded.slice(Math.ceil(bounded.length / 2)), () => false)
    bounded = coarser
  }
}

/** The same blocks with ever less known of single pods. */
function lighter(blocks: readonly Block[]): readonly (readonly Block[])[] {
  const endOfFirst = (blocks[0]?.fromMs ?? 0) + PODS_KEPT_MS
  const startOfLast = (blocks.at(-1)?.toMs ?? 0) - PODS_KEPT_MS
  const atTheEnds = ({ fromMs, toMs }: Block): boolean => toMs <= endOfFirst || fromMs >= startOfLast
  return [
    blocks,
    podsWhere(blocks, (_block, side) => side === 'stable'),
    podsWhere(blocks, (block, side) => side === 'stable' && atTheEnds(block)),
    podsWhere(blocks, () => false),
  ]
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
