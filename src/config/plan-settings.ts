import type { Plan, PlanStep, Strategy } from '../rollout/plan.js'
import { isInPlace } from '../rollout/plan.js'
import type { Policy } from '../rollout/policy.js'
import { defaultPlan } from './default-plan.js'
import type { PlanEntry } from './plan-schema.js'
import type { Problem } from './problem.js'
import type { Settings } from './rollout-schema.js'

interface ResolvedPlan {
  readonly plan: Plan
  readonly keepStableWarm: Policy['keepStableWarm']
  readonly notes: readonly string[]
  readonly problems: readonly Problem[]
}

/**
 * The plan that is walked. Weight 0 is where every release starts, so it is no step of the plan: what the file says
 * for it are the smoke checks.
 */
export function resolvePlan(
  settings: Settings,
  asked: Strategy | undefined,
  analyzed: boolean,
): ResolvedPlan {
  const written = settings.strategy ?? 'canary'
  const strategy = asked ?? written
  const overridden = strategy !== written && settings.plan !== undefined
  const entries = overridden ? undefined : settings.plan
  const steps = entries === undefined ? defaultPlan(strategy, analyzed) : stepsOf(entries, analyzed)
  return {
    plan: { strategy, steps },
    keepStableWarm: warmth(settings, entries, strategy),
    notes: overridden
      ? [
          `strategy ${strategy} comes from the workflow: the plan in the file, written for ${written}, is not used`,
        ]
      : [],
    problems: [
      ...strategyProblems(strategy, asked),
      ...planProblems(strategy, entries),
      ...analyzeProblems(entries, analyzed),
    ],
  }
}

function stepsOf(entries: readonly PlanEntry[], analyzed: boolean): readonly PlanStep[] {
  return entries
    .filter((entry) => entry.weight > 0)
    .map(({ weight, hold = 0, analyze }) => ({
      weight,
      holdMs: hold,
      analyze: analyze ?? (analyzed && hold > 0),
    }))
}

function warmth(
  settings: Settings,
  entries: readonly PlanEntry[] | undefined,
  strategy: Strategy,
): Policy['keepStableWarm'] {
  const said = entries?.at(-1)?.['keep-stable-warm'] ?? settings['keep-stable-warm']
  return said ?? (strategy === 'blue-green' ? 'until-next' : 0)
}

function strategyProblems(strategy: Strategy, asked: Strategy | undefined): readonly Problem[] {
  if (!isInPlace(strategy)) return []
  const given = asked === undefined ? `given ${strategy}` : `the step asks for ${strategy}`
  const message = `${given}, which updates a release in place; the local platform has slots. Allowed there: canary or blue-green`
  return [{ path: ['strategy'], mark: 'value', message }]
}

function planProblems(strategy: Strategy, entries: readonly PlanEntry[] | undefined): readonly Problem[] {
  if (strategy !== 'blue-green') return []
  return (entries ?? []).flatMap(({ weight }, index) => {
    if (weight === 0 || weight === 100) return []
    const message = `given ${weight}; strategy blue-green knows the weights 0 and 100. For weights between them: strategy: canary`
    return [{ path: ['plan', index, 'weight'], mark: 'value', message }]
  })
}

function analyzeProblems(entries: readonly PlanEntry[] | undefined, analyzed: boolean): readonly Problem[] {
  if (analyzed) return []
  return (entries ?? []).flatMap(({ analyze }, index) => {
    if (analyze !== true) return []
    const message = 'given true, but nothing says how; add analysis: { metrics: [errors, latency-p95] }'
    return [{ path: ['plan', index, 'analyze'], mark: 'value', message }]
  })
}
