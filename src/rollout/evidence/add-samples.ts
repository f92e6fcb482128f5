import { added, sameEdges } from './histogram.js'
import type { PodShare, Sample } from '../ports/metric-source.js'

/**
 * What two neighbouring windows of one side come to together: counts add up, of two scalars the mean is taken.
 * `differ` if they cannot be added: other kinds, or histograms of other edges.
 */
export function addSamples(
  one: Sample | undefined,
  other: Sample | undefined,
): Sample | undefined | 'differ' {
  if (one === undefined || other === undefined) return one ?? other
  if (one.kind === 'share' && other.kind === 'share') {
    const pods = addPods(one.pods, other.pods, addShares)
    return {
      kind: 'share',
      requests: one.requests + other.requests,
      bad: one.bad + other.bad,
      ...(pods && { pods }),
    }
  }
  if (one.kind === 'latency' && other.kind === 'latency' && sameEdges(one, other)) {
    const pods = addPods(one.pods, other.pods, addCounts)
    return { ...added(one, other), ...(pods && { pods }) }
  }
  if (one.kind === 'mean' && other.kind === 'mean') {
    return {
      kind: 'mean',
      count: one.count + other.count,
      sum: one.sum + other.sum,
      sumOfSquares: one.sumOfSquares + other.sumOfSquares,
    }
  }
  if (one.kind === 'scalar' && other.kind === 'scalar') {
    return { kind: 'scalar', value: (one.value + other.value) / 2 }
  }
  return 'differ'
}

/** A sample without what is known of single pods. */
export function withoutPods(sample: Sample): Sample {
  if (sample.kind !== 'share' && sample.kind !== 'latency') return sample
  const { pods: _, ...rest } = sample
  return rest
}

type ByPod<Each> = Readonly<Record<string, Each>>

/** Only where both windows tell pods apart do the pods' counts still sum to those of the side. */
function addPods<Each>(
  one: ByPod<Each> | undefined,
  other: ByPod<Each> | undefined,
  add: (one: Each, other: Each) => Each,
): ByPod<Each> | undefined {
  if (one === undefined || other === undefined) return undefined
  const sums = new Map(Object.entries(one))
  for (const [pod, each] of Object.entries(other)) {
    const before = sums.get(pod)
    sums.set(pod, before === undefined ? each : add(before, each))
  }
  return Object.fromEntries(sums)
}

function addShares([requests, bad]: PodShare, [more, moreBad]: PodShare): PodShare {
  return [requests + more, bad + moreBad]
}

function addCounts(one: readonly number[], other: readonly number[]): readonly number[] {
  return one.map((count, i) => count + (other[i] ?? 0))
}
