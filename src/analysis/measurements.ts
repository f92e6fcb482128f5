import type { Block, MetricRule } from '../rollout/ports/judge.js'
import { measuredValue, type MeasuredValue } from './measured-value.js'

/** One value of each side. A side without data is undefined. */
export interface BothSides {
  readonly stable: MeasuredValue | undefined
  readonly candidate: MeasuredValue | undefined
}

/** Both sides in a stretch of time. */
export interface Measurement extends BothSides {
  /** Its end, in milliseconds since 1970. */
  readonly toMs: number
}

/** How blocks become measurements. */
export interface Rhythm {
  /** Time between two measurements, in milliseconds. Default: each block is one. */
  readonly intervalMs?: number | undefined
  /** How far back each measurement reaches, in milliseconds. Default: to the one before. */
  readonly windowMs?: number | undefined
}

/**
 * The measurements that the blocks of a metric make up, oldest first; a stretch that is not complete yet is none. They begin with
 * the first block that has the candidate: what comes before it is history.
 */
export function measurementsOf(
  rule: MetricRule,
  blocks: readonly Block[],
  { intervalMs = 0, windowMs }: Rhythm,
): readonly Measurement[] {
  const first = blocks.findIndex((block) => block.metrics[rule.name]?.candidate !== undefined)
  const startMs = blocks[first]?.fromMs
  if (startMs === undefined) return []
  const found: Measurement[] = []
  let lastMs = startMs
  let from = first
  for (let at = first; at < blocks.length; at++) {
    const toMs = blocks[at]?.toMs ?? 0
    if (toMs - lastMs < intervalMs || toMs - startMs < (windowMs ?? 0)) continue
    if (windowMs !== undefined) while ((blocks[from]?.fromMs ?? toMs) < toMs - windowMs && from < at) from++
    found.push({ toMs, ...bothSides(rule, blocks.slice(from, at + 1)) })
    lastMs = toMs
    if (windowMs === undefined) from = at + 1
  }
  return found
}

/** What both sides showed in all of some blocks together. */
export function bothSides(rule: MetricRule, blocks: readonly Block[]): BothSides {
  const side = (which: 'stable' | 'candidate') =>
    measuredValue(
      rule,
      blocks.map((block) => block.metrics[rule.name]?.[which]),
    )
  return { stable: side('stable'), candidate: side('candidate') }
}

/** The blocks since the weight last changed: what the present hold has seen. */
export function blocksAtThisWeight(blocks: readonly Block[]): readonly Block[] {
  const weight = blocks.at(-1)?.weight
  return blocks.slice(blocks.findLastIndex((block) => block.weight !== weight) + 1)
}
