import type { Block, MetricRule } from '../rollout/ports/judge.js'
import type { LatencySample, Sample, ShareSample } from '../rollout/ports/metric-source.js'
import {
  limitEvidence,
  pairEvidence,
  SHARE_ALTERNATIVES,
  SLOWER_ALTERNATIVES,
  type Alternative,
  type Pair,
} from './block-evidence.js'
import type { Counts, Null } from './closest-null.js'
import { edgeFrom, slowerThan } from './histogram.js'
import { logSum, sequentialEvidence } from './sequential-evidence.js'
import { sharePairs } from './share-pairs.js'
import { slowerPairs } from './slower-pairs.js'
import { isShare, isLatency } from './sound-sample.js'

/** ln E against the candidate. */
export interface Evidence {
  /** That it is worse than stable by more than is tolerated. */
  readonly worse: number
  /** That it breaks the absolute limit; undefined where there is none. */
  readonly overLimit: number | undefined
}

const DEFAULT_PERCENTILE = 95

/** What all blocks together say against the candidate in one metric. */
export function evidenceOf(rule: MetricRule, blocks: readonly Block[]): Evidence {
  return rule.kind === 'share' ? shareEvidence(rule, blocks) : latencyEvidence(rule, blocks)
}

function shareEvidence(rule: MetricRule, blocks: readonly Block[]): Evidence {
  const windows = windowsOf(rule, blocks, isShare)
  const pairs = sharePairs(windows)
  const against = (nul: Null) => evidenceAgainst(nul, pairs, SHARE_ALTERNATIVES)
  const ratio = against({ kind: 'ratio', factor: rule.tolerateRatio ?? 1 })
  const points = rule.tolerateShare ?? 0
  return {
    // Both tolerances must be exceeded, so the weaker evidence counts.
    worse: points > 0 ? Math.min(ratio, against({ kind: 'shift', points })) : ratio,
    overLimit: rule.limit === undefined ? undefined : evidenceOver(rule.limit, windows, SHARE_ALTERNATIVES),
  }
}

function latencyEvidence(rule: MetricRule, blocks: readonly Block[]): Evidence {
  const windows = windowsOf(rule, blocks, isLatency)
  const slack = { ratio: rule.tolerateRatio ?? 1, ms: rule.tolerateMs ?? 0 }
  const percentiles = percentilesAround(rule.percentile ?? DEFAULT_PERCENTILE)
  const each = percentiles.map((percentile) =>
    evidenceAgainst(
      { kind: 'ratio', factor: 1 },
      slowerPairs(windows, percentile, slack),
      SLOWER_ALTERNATIVES,
    ),
  )
  return {
    worse: logSum(each) - Math.log(each.length),
    overLimit: rule.limit === undefined ? undefined : slowerThanLimit(rule, rule.limit, windows),
  }
}

/** The percentile itself, and those with twice and half as many requests above: a bucket may hide one of them. */
export function percentilesAround(percentile: number): readonly number[] {
  const above = 100 - percentile
  return [Math.max(1, 100 - 2 * above), percentile, 100 - above / 2]
}

/** The share of requests slower than the limit must not exceed what the percentile leaves above it. */
function slowerThanLimit(
  rule: MetricRule,
  limitMs: number,
  windows: readonly Window<LatencySample>[],
): number {
  const counted = windows.map(({ fromMs, candidate }) => ({
    fromMs,
    stable: undefined,
    candidate:
      candidate &&
      slowerThan(candidate, edgeFrom(candidate.edgesMs, limitMs) ?? candidate.edgesMs.length - 1),
  }))
  return evidenceOver(1 - (rule.percentile ?? DEFAULT_PERCENTILE) / 100, counted, SLOWER_ALTERNATIVES)
}

function evidenceAgainst(nul: Null, pairs: readonly Pair[], alternatives: readonly Alternative[]): number {
  const logs = pairs.map((pair) => ({ fromMs: pair.fromMs, logs: pairEvidence(nul, pair, alternatives) }))
  return sequentialEvidence(logs, alternatives)
}

function evidenceOver(
  limit: number,
  windows: readonly Window<Counts>[],
  alternatives: readonly Alternative[],
): number {
  const logs = windows.map(({ fromMs, candidate }) => ({
    fromMs,
    logs: limitEvidence(limit, candidate ?? { requests: 0, bad: 0 }, alternatives),
  }))
  return sequentialEvidence(logs, alternatives)
}

interface Window<S> {
  readonly fromMs: number
  readonly candidate: S | undefined
  readonly stable: S | undefined
}

/** The metric's samples of each block, as far as they are sound and of the kind that the rule speaks of. */
function windowsOf<S extends ShareSample | LatencySample>(
  rule: MetricRule,
  blocks: readonly Block[],
  isSound: (sample: Sample | undefined) => sample is S,
): readonly Window<S>[] {
  return blocks.map((block) => {
    const { candidate, stable } = block.metrics[rule.name] ?? {}
    return {
      fromMs: block.fromMs,
      candidate: isSound(candidate) ? candidate : undefined,
      stable: isSound(stable) ? stable : undefined,
    }
  })
}
