import type { LatencySample, Sample, ShareSample } from '../rollout/ports/metric-source.js'

// Looked up once: these run some thousand times in each look.
const { isFinite, isSafeInteger } = Number

/** Counts that can be counts: whole, not negative, no more bad requests than requests. Others are no data. */
export function isShare(sample: Sample | undefined): sample is ShareSample {
  return (
    sample?.kind === 'share' &&
    isCount(sample.requests) &&
    isCount(sample.bad) &&
    sample.bad <= sample.requests
  )
}

/** Counts for each bucket and one beyond the last edge; edges rise. */
export function isLatency(sample: Sample | undefined): sample is LatencySample {
  if (sample?.kind !== 'latency') return false
  const { edgesMs, counts } = sample
  return (
    edgesMs.length > 0 &&
    counts.length === edgesMs.length + 1 &&
    counts.every(isCount) &&
    edgesMs.every((edge, index) => isFinite(edge) && edge > (edgesMs[index - 1] ?? 0))
  )
}

function isCount(value: number): boolean {
  return isSafeInteger(value) && value >= 0
}
