import type { Release } from '../rollout/release.js'
import { runAction } from '../workflow/run-action.js'
import { onService } from './on-service.js'

/** Puts a release into the idle slot and waits until it is ready. */
export function deploy(): Promise<void> {
  return runAction('deploy', (stage) => {
    const { inputs } = stage
    const overrides = {
      strategy: inputs.strategy,
      onCancel: inputs['on-cancel'],
      ifBusy: inputs['if-busy'],
      adopt: inputs.adopt,
    }
    const release = releaseOf(inputs, stage.environment.commit)
    return onService(stage, 'deploy', overrides, async ({ conductor }) => ({
      outcome: await conductor.deploy(release),
    }))
  })
}

/** The release that the inputs name, with the commit that the workflow runs for. */
export function releaseOf(
  inputs: { readonly version: string; readonly image: string | undefined },
  commit: string,
): Release {
  const { version, image } = inputs
  return { version, commit, ...(image !== undefined && { image }) }
}
