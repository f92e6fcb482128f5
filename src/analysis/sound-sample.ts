import type {
  LatencySample,
  MeanSample,
  Sample,
  ScalarSample,
  ShareSample,
} from '../rollout/ports/metric-source.js'

// Looked up once: these run some thousand times in each look.
const { isFinite, isSafeInteger } = Number
const { abs } = Math

/** Counts that can be counts: whole, not negative, no more bad requests than requests. Others are no data. */
export function isShare(sample: Sample | undefined): sample is ShareSample {
  return sample?.kind === 'share' && areCounts(sample.requests, sample.bad)
}

export function areCounts(requests: unknown, bad: unknown): boolean {
  return isCount(requests) && isCount(bad) && bad <= requests
}

/** Counts for each bucket and one beyond the last edge; edges rise. */
export function isLatency(sample: Sample | undefined): sample is LatencySample {
  if (sample?.kind !== 'latency') return false
  const { edgesMs, counts } = sample
  return (
    Array.isArray(edgesMs) &&
    edgesMs.length > 0 &&
    areBuckets(counts, edgesMs.length + 1) &&
    edgesMs.every((edge, index) => isFinite(edge) && edge > (edgesMs[index - 1] ?? 0))
  )
}

export function areBuckets(counts: unknown, length: number): counts is readonly number[] {
  return Array.isArray(counts) && counts.length === length && counts.every(isCount)
}

/** Larger values than this could not be squared and summed. */
export const LARGEST_SUM = 1e120

/** Sums that can be sums: a count, and squares that are no less than the values allow. */
export function isMean(sample: Sample | undefined): sample is MeanSample {
  if (sample?.kind !== 'mean') return false
  const { count, sum, sumOfSquares } = sample
  if (!isCount(count) || !isFinite(sum) || !isFinite(sumOfSquares)) return false
  if (abs(sum) > LARGEST_SUM || sumOfSquares > LARGEST_SUM ** 2) return false
  if (count === 0) return sum === 0 && sumOfSquares === 0
  return sumOfSquares * count >= sum * sum * (1 - 1e-6)
}

/** One number that can be summed up with others. */
export function isScalar(sample: Sample | undefined): sample is ScalarSample {
  return sample?.kind === 'scalar' && isFinite(sample.value) && abs(sample.value) <= LARGEST_SUM
}

function isCount(value: unknown): value is number {
  return isSafeInteger(value) && Number(value) >= 0
}
