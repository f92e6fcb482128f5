import { keyText } from '../config/problem.js'
import type { MetricRule } from '../rollout/ports/judge.js'

/** Rules by which nothing could ever be judged, as rollout.yml refuses them too. */
export function unjudgeableRules(rules: readonly MetricRule[]): readonly string[] {
  if (rules.length === 0) return [`${keyText(['parameters', 'rules'])}: given []; allowed: at least one rule`]
  return rules.flatMap(({ method, limit, name }, index) => {
    if (method !== 'threshold' || limit !== undefined) return []
    const place = keyText(['parameters', 'rules', index, 'limit'])
    return [`${place}: is missing: method threshold of ${name} holds each measurement against a limit`]
  })
}
