import { formatDuration } from '../rollout/duration.js'
import type { Plan } from '../rollout/plan.js'
import type { Shift } from '../rollout/shift.js'
import type { Weight } from '../rollout/weight.js'
import { runAction } from '../workflow/run-action.js'
import { onService } from './on-service.js'

/** Moves the weight, confirms it and holds it. */
export function canaryStep(): Promise<void> {
  return runAction('canary-step', (stage) => {
    const { weight, hold, analyze } = stage.inputs
    return onService(stage, 'canary-step', {}, async ({ conductor, config, readyToJudge }) => {
      const wanted = stepOf(config.policy.plan, weight, { holdMs: hold, analyze })
      if (wanted.differs !== undefined) stage.narrator.say(wanted.differs)
      if (wanted.shift.analyze && wanted.shift.holdMs > 0) await readyToJudge()
      return { outcome: await conductor.shift(wanted.shift) }
    })
  })
}

interface Said {
  readonly holdMs: number | undefined
  readonly analyze: boolean | undefined
}

/** What the workflow says wins over the plan in the file; the log says so. */
function stepOf(plan: Plan, weight: Weight, said: Said): { shift: Shift; differs: string | undefined } {
  const planned = plan.steps.find((step) => step.weight === weight)
  const holdMs = said.holdMs ?? planned?.holdMs ?? 0
  const shift = { weight, holdMs, analyze: said.analyze ?? planned?.analyze ?? true }
  if (planned === undefined) {
    const weights = plan.steps.map((step) => `${step.weight} %`).join(', ')
    return {
      shift,
      differs: `The plan in the file has no step at ${weight} % (it has ${weights}); the workflow wins.`,
    }
  }
  if (planned.holdMs === holdMs) return { shift, differs: undefined }
  return {
    shift,
    differs: `The plan in the file holds ${weight} % for ${formatDuration(planned.holdMs)}; the workflow wins with ${formatDuration(holdMs)}.`,
  }
}
