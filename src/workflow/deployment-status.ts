import type { Outcome } from '../rollout/outcome.js'
import type { DeploymentStatus } from './github-deployments.js'

/**
 * How GitHub's deployment stands after a step, from what the rollout is now. Undefined when there is nothing to
 * record: no release yet, or a rollout that is not what runs any more.
 */
export function deploymentStatusOf(
  outcome: Outcome,
  environmentUrl: string | undefined,
): DeploymentStatus | undefined {
  const { rollout, candidateVersion: version = 'the release', weight = 0 } = outcome
  if (rollout === undefined) return undefined
  if ('phase' in rollout) {
    if (rollout.phase === 'reserved') return undefined
    if (rollout.phase === 'failed' || rollout.phase === 'going-back') {
      return { state: 'failure', description: `${version} is taken back: ${rollout.setback.reason}` }
    }
    const parked = rollout.rest?.kind === 'parked' ? ', waiting for the next job' : ''
    return { state: 'in_progress', description: `${version} gets ${weight} % of all requests${parked}` }
  }
  if (rollout.outcome === 'withdrawn')
    return { state: 'inactive', description: 'Closed before anything was deployed' }
  if (rollout.outcome === 'taken-back') {
    return {
      state: 'failure',
      description: `${version} was taken back${rollout.reason === undefined ? '' : `: ${rollout.reason}`}`,
    }
  }
  // A rollout that was promoted and has been replaced since has no weight: it was set inactive by its successor.
  if (weight !== 100) return undefined
  return {
    state: 'success',
    description: `${version} serves all requests`,
    ...(environmentUrl !== undefined && { environmentUrl }),
  }
}
