import { runAction } from '../workflow/run-action.js'
import { onService } from './on-service.js'

/** Judges the candidate against stable for a time, at the weight that stands. */
export function analyze(): Promise<void> {
  return runAction('analyze', (stage) => {
    const { for: forMs, interval } = stage.inputs
    return onService(stage, 'analyze', {}, async ({ conductor, readyToJudge }) => {
      await readyToJudge()
      const intervalMs = interval === undefined ? {} : { intervalMs: interval }
      return { outcome: await conductor.analyze({ forMs, ...intervalMs }) }
    })
  })
}
