import { runPost, type PostStage } from '../workflow/run-action.js'
import { conclusionOf } from './on-service.js'
import { wire } from './wiring.js'

/** After the last step of a job: parks, closes or takes back this run's open rollout, whichever step opened it. */
export function post(): Promise<void> {
  return runPost(async (stage) => {
    const wired = await wire(stage, { ...wishOf(stage), step: 'end of job' })
    try {
      const outcome = await wired.conductor.finishJob(stage.inputs['job-status'])
      return outcome.result === 'unchanged' ? [] : [await conclusionOf(stage, wired, { outcome })]
    } finally {
      await wired.close()
    }
  })
}

/** Inputs first: they are evaluated again, and may name what a secret made unfit to be kept. */
function wishOf({ inputs, remembered }: PostStage) {
  return {
    config: inputs.config,
    service: inputs.service ?? remembered.service,
    environment: inputs.environment ?? remembered.environment,
    state: inputs.state ?? remembered.state,
  }
}
