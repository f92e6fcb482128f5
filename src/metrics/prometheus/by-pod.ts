import type { Series } from './series.js'

/** Which pod a series is of; undefined where it does not say. */
export type PodOf = (labels: Series['labels']) => string | undefined

/** By the configured label, else by `pod`, else by `instance`, which every scraped series has. */
export function podBy(label: string | undefined): PodOf {
  if (label !== undefined) return (labels) => labels[label]
  return (labels) => labels['pod'] ?? labels['instance']
}

/** The parts by pod; undefined if one of them does not say of which pod it is. */
export function groupedByPod<Part extends Pick<Series, 'labels'>>(
  parts: readonly Part[],
  podOf: PodOf,
): ReadonlyMap<string, readonly Part[]> | undefined {
  const grouped = new Map<string, Part[]>()
  for (const part of parts) {
    const pod = podOf(part.labels)
    if (pod === undefined) return undefined
    const group = grouped.get(pod)
    if (group === undefined) grouped.set(pod, [part])
    else group.push(part)
  }
  return grouped
}
