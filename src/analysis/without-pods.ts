import type { LatencySample, Sample } from '../rollout/ports/metric-source.js'

/** What a side did in all, without what is known of single pods: these are only asked how much they differ, and once. */
export function withoutPods(sample: LatencySample): LatencySample
export function withoutPods(sample: Sample): Sample
export function withoutPods(sample: Sample): Sample {
  if (!('pods' in sample)) return sample
  const { pods: _, ...counts } = sample
  return counts
}
