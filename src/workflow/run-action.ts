import type { Clock } from '../rollout/ports/clock.js'
import { UserError } from '../rollout/user-error.js'
import { Annotations } from './annotations.js'
import { listenForCancellation } from './cancellation.js'
import { sayConclusion, tell, tellFailure, type Conclusion } from './conclusion.js'
import { readRunnerEnvironment, type RunnerEnvironment } from './environment-variables.js'
import { showFailure } from './failure.js'
import { readInputs, secretInputs, type ActionName, type CommonInputs, type InputsOf } from './inputs.js'
import { LogNarrator } from './log-narrator.js'
import { Masks } from './masks.js'
import { worstOf, writeOutcome } from './outcome-outputs.js'
import { Outputs } from './outputs.js'
import { recall, remember, type Remembered } from './post-state.js'
import { RUNNER_CLOCK } from './runner-clock.js'

/** What every step works with, main or post. */
export interface Stage {
  readonly environment: RunnerEnvironment
  readonly clock: Clock
  readonly narrator: LogNarrator
  readonly masks: Masks
  /** Aborts when the job is cancelled. */
  readonly signal: AbortSignal
}

/** What a main step works with. */
export interface MainStage<Action extends ActionName> extends Stage {
  readonly inputs: InputsOf<Action>
  readonly outputs: Outputs<Action>
  /** Tells the post step more than the inputs do: the service that the config names, the rollout's id. */
  readonly remember: (more: Partial<Remembered>) => void
}

/** What a post step works with. */
export interface PostStage extends Stage {
  /** Evaluated again: `job-status` says how the job ended. */
  readonly inputs: CommonInputs
  /** What the main step kept. */
  readonly remembered: Partial<Remembered>
}

/**
 * Runs the main step of an action: checks the inputs, lets `work` do what it does, writes its outcome into outputs,
 * log, summary and GitHub's deployment record, and fails the step when the outcome is a problem. Never rejects.
 */
export function runAction<Action extends ActionName>(
  action: Action,
  work: (stage: MainStage<Action>) => Promise<readonly Conclusion[]>,
): Promise<void> {
  return onStage(action, async (stage, listen) => {
    for (const [name, value] of secretInputs(action)) stage.masks.add(`the input ${name}`, value)
    const { inputs, oddities } = readInputs(action)
    const environment = readRunnerEnvironment()
    for (const oddity of oddities) stage.narrator.warn(oddity)
    const outputs = new Outputs<Action>(stage.masks, (message) => stage.narrator.notice(message))
    const { config, service, environment: name, state } = inputs
    const known: Remembered = { config, service, environment: name, state, dryRun: inputs['dry-run'] }
    const keep = (more: Partial<Remembered>): void => remember({ ...known, ...more }, stage.masks)
    keep({})
    const { signal, dispose } = listen(() => outputs.result('failed'))
    try {
      const conclusions = await work({ ...stage, environment, signal, inputs, outputs, remember: keep })
      for (const { outcome } of conclusions)
        writeOutcome(action, outputs, outcome, environment.temporaryFolder)
      outputs.result(worstOf(conclusions.map(({ outcome }) => outcome.result)))
      return { conclusions, environment, token: inputs.token, cancelled: signal.aborted }
    } catch (thrown) {
      if (outputs.get('result') === undefined) outputs.result('failed')
      throw thrown
    } finally {
      dispose()
    }
  })
}

/**
 * Runs the post step that all actions share. `work` is not called when the main step came to nothing or was a dry
 * run. Never rejects.
 */
export function runPost(work: (stage: PostStage) => Promise<readonly Conclusion[]>): Promise<void> {
  return onStage('post step', async (stage, listen) => {
    for (const [name, value] of secretInputs('post')) stage.masks.add(`the input ${name}`, value)
    const remembered = recall()
    if (remembered === undefined || remembered.dryRun === true) return undefined
    const { inputs } = readInputs('post')
    const environment = readRunnerEnvironment()
    const { signal, dispose } = listen(() => undefined)
    try {
      const conclusions = await work({ ...stage, environment, signal, inputs, remembered })
      return { conclusions, environment, token: inputs.token, cancelled: signal.aborted }
    } finally {
      dispose()
    }
  })
}

type Listen = (lastWords: () => void) => ReturnType<typeof listenForCancellation>
type BareStage = Pick<Stage, 'clock' | 'narrator' | 'masks'>

interface Played {
  readonly conclusions: readonly Conclusion[]
  readonly environment: RunnerEnvironment
  readonly token: string | undefined
  readonly cancelled: boolean
}

/** Sets the stage, plays, tells how it went, and clears up, whatever happens. */
async function onStage(
  step: string,
  play: (stage: BareStage, listen: Listen) => Promise<Played | undefined>,
): Promise<void> {
  const masks = new Masks()
  const annotations = new Annotations(masks)
  const narrator = new LogNarrator(RUNNER_CLOCK, masks, annotations)
  const fail = (thrown: unknown): void => showFailure(step, thrown, annotations, masks)
  const stray = catchStrays(fail)
  const listen: Listen = (lastWords) =>
    listenForCancellation({
      process,
      say: (line) => narrator.say(line),
      lastWords: async () => {
        lastWords()
        fail(
          new UserError(
            'the time that a cancelled job has is over before the position of the traffic was confirmed',
            HINT,
          ),
        )
        annotations.close()
      },
    })
  let played: Played | undefined
  try {
    played = await play({ clock: RUNNER_CLOCK, narrator, masks }, listen)
    narrator.close()
    if (played === undefined) return
    for (const conclusion of played.conclusions) conclude(conclusion, narrator, fail)
    await tell(played.conclusions, { ...played, step, narrator, masks })
  } catch (thrown) {
    narrator.close()
    fail(thrown)
    if (played === undefined) await tellFailure(step, thrown, { narrator, masks })
  } finally {
    annotations.close()
    stray.dispose()
  }
}

const HINT = {
  hint: 'The post step, and after it the scheduled sweep, take the rollout back. `rollback` does it at once.',
}

/** Says how it ended, and fails the step when it did not end well. */
function conclude(conclusion: Conclusion, narrator: LogNarrator, fail: (thrown: unknown) => void): void {
  const { outcome } = conclusion
  sayConclusion(conclusion, narrator)
  if (outcome.problem !== undefined) fail(outcome.problem)
  else if (outcome.result === 'failed') fail(new UserError(outcome.sentence))
}

/** An error that nobody waits for is our bug all the same: told, and the step fails. */
function catchStrays(fail: (thrown: unknown) => void): { dispose: () => void } {
  const caught = (thrown: unknown): void => {
    fail(thrown)
    process.exit(1)
  }
  process.on('uncaughtException', caught)
  process.on('unhandledRejection', caught)
  return {
    dispose: () => {
      process.off('uncaughtException', caught)
      process.off('unhandledRejection', caught)
    },
  }
}
