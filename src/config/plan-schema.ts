import * as v from 'valibot'
import { smokeSchema } from './smoke-schema.js'
import { duration, key, positiveDuration, requiredKey, weight, yesOrNo } from './value-formats.js'

const stepSchema = v.strictObject(
  {
    weight: requiredKey(weight, 'Percentage of requests that go to the candidate.'),
    hold: key(duration, 'How long the weight is held while the candidate is watched and judged.', '0'),
    analyze: key(
      yesOrNo,
      'Whether the candidate is compared with stable while it is held. Default: true if there is a hold and `analysis` is configured.',
    ),
    smoke: key(smokeSchema, 'With weight 0: checks of the candidate before it gets any traffic.'),
    'keep-stable-warm': key(
      positiveDuration,
      'With weight 100: how long the old release is kept running, so that going back is one weight change.',
    ),
  },
  'a step such as { weight: 5, hold: 5m }',
)

type Step = v.InferOutput<typeof stepSchema>

/** What a step may not say where it stands: the key, and what is allowed. */
function misplaced(step: Step, before: Step | undefined, isLast: boolean): [keyof Step, string] | undefined {
  if (before !== undefined && step.weight <= before.weight) {
    return ['weight', `more than the ${before.weight} of the step before it: weights rise`]
  }
  if (isLast && step.weight !== 100)
    return ['weight', '100: the last step of a plan gives everybody the release']
  if (step.weight === 0 && step.hold !== undefined && step.hold > 0) {
    return ['hold', 'no hold at weight 0: nobody reaches the candidate there']
  }
  if (step.weight === 0 && step.analyze === true) {
    return ['analyze', 'no analysis at weight 0: nobody reaches the candidate there']
  }
  if (step.weight !== 0 && step.smoke !== undefined) {
    return ['smoke', 'smoke in a step with weight 0, or at the top level: it runs before any traffic']
  }
  if (step.weight !== 100 && step['keep-stable-warm'] !== undefined) {
    return ['keep-stable-warm', 'keep-stable-warm in the step with weight 100, or at the top level']
  }
  return undefined
}

/** The weights, holds and checks of a rollout. */
export const planSchema = v.pipe(
  v.array(stepSchema, 'a list of steps such as - { weight: 5, hold: 5m }'),
  v.minLength(1, 'at least the step { weight: 100 }'),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const steps = dataset.value
    steps.forEach((step, index) => {
      const wrong = misplaced(step, steps[index - 1], index === steps.length - 1)
      if (wrong === undefined) return
      const [wrongKey, message] = wrong
      addIssue({
        message,
        input: step[wrongKey],
        path: [
          { type: 'array', origin: 'value', input: steps, key: index, value: step },
          { type: 'object', origin: 'value', input: step, key: wrongKey, value: step[wrongKey] },
        ],
      })
    })
  }),
)

export type PlanEntry = Step
