import { UserError } from '../rollout/user-error.js'
import { runPost, type PostStage } from '../workflow/run-action.js'
import { withConfigOf } from './kept-config.js'
import { conclusionOf } from './on-service.js'
import { wire, type Wired } from './wiring.js'

/** After the last step of a job: parks, closes or takes back this run's open rollout, whichever step opened it. */
export function post(): Promise<void> {
  return runPost(async (stage) => {
    const wired = await wiredFor(stage)
    if (wired === undefined) return []
    try {
      const outcome = await wired.conductor.finishJob(stage.inputs['job-status'])
      return outcome.result === 'unchanged' ? [] : [await conclusionOf(stage, wired, { outcome })]
    } finally {
      await wired.close()
    }
  })
}

/** Undefined where the main step was refused too: it has said why, and left nothing of its own to finish. */
async function wiredFor(stage: PostStage): Promise<Wired | undefined> {
  const wish = { ...wishOf(stage), step: 'end of job' }
  try {
    return await withConfigOf(stage, wish.config, (source) => wire(stage, { ...wish, source }))
  } catch (thrown) {
    if (!(thrown instanceof UserError) || stage.remembered.service !== undefined) throw thrown
    stage.narrator.notice(
      `Nothing of this step is to be finished: it came to no service. Traffic was not touched. ${thrown.message}`,
    )
    return undefined
  }
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
