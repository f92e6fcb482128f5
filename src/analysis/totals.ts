import type { Block, MetricRule } from '../rollout/ports/judge.js'
import type { LatencySample } from '../rollout/ports/metric-source.js'
import type { Counts } from './closest-null.js'
import { added, percentileOf, requestsIn, sameEdges } from './histogram.js'
import { isLatency, isShare } from './sound-sample.js'

/** What one side did in several blocks: a share from 0 to 1, or milliseconds. */
export interface Total {
  readonly requests: number
  readonly value: number | undefined
}

/** Both sides in several blocks; a side that was never counted is undefined. */
export interface Totals {
  readonly stable: Total | undefined
  readonly candidate: Total | undefined
}

export function totalsOf(rule: MetricRule, blocks: readonly Block[]): Totals {
  return { stable: totalOf(rule, blocks, 'stable'), candidate: totalOf(rule, blocks, 'candidate') }
}

function totalOf(
  rule: MetricRule,
  blocks: readonly Block[],
  side: 'stable' | 'candidate',
): Total | undefined {
  const samples = blocks.map((block) => block.metrics[rule.name]?.[side])
  if (rule.kind === 'share') {
    const shares = samples.filter(isShare)
    return shares.length === 0 ? undefined : shareTotal(shares)
  }
  const latencies = samples.filter(isLatency)
  return latencies.length === 0 ? undefined : latencyTotal(latencies, rule.percentile ?? 95)
}

function shareTotal(shares: readonly Counts[]): Total {
  const requests = shares.reduce((sum, share) => sum + share.requests, 0)
  const bad = shares.reduce((sum, share) => sum + share.bad, 0)
  return { requests, value: requests === 0 ? undefined : bad / requests }
}

/** Where the source changed its buckets, only those after the change can be added up. */
function latencyTotal(latencies: readonly LatencySample[], percentile: number): Total {
  const sum = latencies.reduce<LatencySample | undefined>(
    (total, one) => (total !== undefined && sameEdges(total, one) ? added(total, one) : one),
    undefined,
  )
  const requests = latencies.reduce((count, one) => count + requestsIn(one), 0)
  return { requests, value: sum === undefined ? undefined : percentileOf(sum, percentile) }
}
