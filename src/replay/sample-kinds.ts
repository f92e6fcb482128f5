import { keyText } from '../config/problem.js'
import type { Block, MetricRule } from '../rollout/ports/judge.js'

/** Samples of another kind than the rule of their metric counts: judged, they would be no data, and nobody would know why. */
export function misfittingSamples(rules: readonly MetricRule[], blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap(({ metrics }, index) =>
    rules.flatMap(({ name, kind }) =>
      (['stable', 'candidate'] as const).flatMap((side) => {
        const given = Object.hasOwn(metrics, name) ? metrics[name]?.[side]?.kind : undefined
        if (given === undefined || given === kind) return []
        const place = keyText(['blocks', index, 'metrics', name, side, 'kind'])
        return [`${place}: given "${given}"; allowed: ${kind}, as the rule ${name} says`]
      }),
    ),
  )
}
