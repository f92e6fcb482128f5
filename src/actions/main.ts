import type { ActionName } from '../workflow/inputs.js'
import { canaryStep } from './canary-step.js'

/**
 * Loads one action and runs it: the stubs in dist/ call this, each with the name of its action. The smallest of them comes
 * along with all that they share, so that this is one file of dist/: each further one costs every step.
 */
export async function run(action: ActionName, stage: 'main' | 'post'): Promise<void> {
  if (stage === 'post') return (await import('./post.js')).post()
  switch (action) {
    case 'deploy':
      return (await import('./deploy.js')).deploy()
    case 'smoke-test':
      return (await import('./smoke-test.js')).smokeTest()
    case 'canary-step':
      return canaryStep()
    case 'analyze':
      return (await import('./analyze.js')).analyze()
    case 'rollback':
      return (await import('./rollback.js')).rollback()
    case 'migrate':
      return (await import('./migrate.js')).migrate()
    case 'rollout':
      return (await import('./rollout.js')).rollout()
  }
}
