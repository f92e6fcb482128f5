import { withoutPods } from './add-samples.js'
import type { PodShare, Sample } from '../ports/metric-source.js'

/** Groups that pods are added up in: enough to tell how much pods differ. */
const GROUPS = 10

/**
 * A sample whose pods are added up in at most ten groups, the same pod always in the same one. Pods that differ more than
 * by chance make groups that do so by as much: in a sum both variances add up, that of the pods and that of chance.
 */
export function withPodGroups(sample: Sample): Sample {
  if (sample.kind === 'share' && sample.pods !== undefined)
    return {
      ...sample,
      pods: inGroups<PodShare>(sample.pods, ([one, bad], [more, worse]) => [one + more, bad + worse]),
    }
  if (sample.kind === 'latency' && sample.pods !== undefined)
    return {
      ...sample,
      pods: inGroups(sample.pods, (one, other) => one.map((count, i) => count + (other[i] ?? 0))),
    }
  return withoutPods(sample)
}

type ByPod<Each> = Readonly<Record<string, Each>>

function inGroups<Each>(pods: ByPod<Each>, add: (one: Each, other: Each) => Each): ByPod<Each> {
  const names = Object.keys(pods)
  if (names.length <= GROUPS) return pods
  const groups = new Map<string, Each>()
  for (const [name, pod] of Object.entries(pods)) {
    const group = `group ${groupOf(name)}`
    const sum = groups.get(group)
    groups.set(group, sum === undefined ? pod : add(sum, pod))
  }
  return Object.fromEntries(groups)
}

/** FNV-1a, then mixed, since names of pods differ in their last letters. */
function groupOf(name: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return ((hash ^ (hash >>> 13)) >>> 0) % GROUPS
}
