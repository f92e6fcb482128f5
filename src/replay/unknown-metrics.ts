import type { Block, MetricRule } from '../rollout/ports/judge.js'
import { nearest } from '../rollout/nearest.js'

/**
 * What blocks count and no rule judges, in one sentence; undefined where there is nothing of the kind. It is allowed, since a rule
 * may be taken out to see what becomes of the others, and it is how a misspelt name looks.
 */
export function unknownMetrics(rules: readonly MetricRule[], blocks: readonly Block[]): string | undefined {
  const known = rules.map(({ name }) => name)
  const counted = new Set(blocks.flatMap(({ metrics }) => Object.keys(metrics)))
  const unknown = [...counted].filter((name) => !known.includes(name))
  if (unknown.length === 0) return undefined
  const shown = unknown.map((name) => {
    const near = nearest(name, known)
    return near === undefined ? name : `${name} (did you mean ${near}?)`
  })
  return `not judged, for no rule has its name: ${shown.join(', ')}`
}
