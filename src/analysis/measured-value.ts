import type { MetricRule } from '../rollout/ports/judge.js'
import type { LatencySample, Sample } from '../rollout/ports/metric-source.js'
import { added, percentileOf, requestsIn, sameEdges } from '../rollout/evidence/histogram.js'
import { isLatency, isMean, isScalar, isShare } from './sound-sample.js'

/** What one side showed in a stretch of time. */
export interface MeasuredValue {
  /** Requests of a share or a latency, values of a mean, answers of a source that gives scalars. */
  readonly count: number
  /** A share from 0 to 1, milliseconds, or the unit of the mean or scalar; undefined where nothing was counted. */
  readonly value: number | undefined
}

/**
 * One value for several samples of one side: the share of all requests, the percentile of all latencies, the mean of all
 * values, the mean of all scalars. Undefined without a sound sample of the rule's kind: that is no data.
 */
export function measuredValue(
  rule: MetricRule,
  samples: readonly (Sample | undefined)[],
): MeasuredValue | undefined {
  switch (rule.kind) {
    case 'share': {
      const shares = samples.filter(isShare)
      const count = sumOf(shares, ({ requests }) => requests)
      return measured(shares, count, () => sumOf(shares, ({ bad }) => bad) / count)
    }
    case 'latency': {
      const latencies = samples.filter(isLatency)
      return measured(latencies, sumOf(latencies, requestsIn), () =>
        percentileOf(togetherWhereComparable(latencies), rule.percentile ?? DEFAULT_PERCENTILE),
      )
    }
    case 'mean': {
      const means = samples.filter(isMean)
      const count = sumOf(means, (mean) => mean.count)
      return measured(means, count, () => sumOf(means, ({ sum }) => sum) / count)
    }
    case 'scalar': {
      const scalars = samples.filter(isScalar)
      return measured(scalars, scalars.length, () => sumOf(scalars, ({ value }) => value) / scalars.length)
    }
  }
}

const DEFAULT_PERCENTILE = 95

function measured(
  sound: readonly Sample[],
  count: number,
  value: () => number | undefined,
): MeasuredValue | undefined {
  if (sound.length === 0) return undefined
  return { count, value: count === 0 ? undefined : value() }
}

/** Where the source changed its buckets, only those after the change can be added up. */
function togetherWhereComparable(latencies: readonly LatencySample[]): LatencySample {
  return latencies.reduce((sum, one) => (sameEdges(sum, one) ? added(sum, one) : one))
}

function sumOf<S>(samples: readonly S[], part: (sample: S) => number): number {
  return samples.reduce((sum, sample) => sum + part(sample), 0)
}
