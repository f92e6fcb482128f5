import { setOutput } from '@actions/core'
import type { Result } from '../rollout/outcome.js'
import type { ActionName } from './inputs.js'
import type { Masks } from './masks.js'

const COMMON = ['state', 'result'] as const
const DEPLOY = ['stable-version', 'candidate-version', 'slot', 'candidate-url'] as const
const SMOKE_TEST = ['passed', 'failed'] as const
const REPORT = ['report'] as const
const CANARY_STEP = ['weight', 'observed-share'] as const
const ANALYZE = ['verdict', 'reason'] as const
const ROLLBACK = ['restored-version', 'seconds'] as const
const MIGRATE = ['applied', 'pending'] as const

/** Every output of every action: the names are those of action.yml, and a test keeps the two the same. */
export const OUTPUTS = {
  deploy: [...DEPLOY, ...COMMON],
  'smoke-test': [...SMOKE_TEST, ...COMMON],
  'canary-step': [...CANARY_STEP, ...REPORT, ...COMMON],
  analyze: [...ANALYZE, ...REPORT, ...COMMON],
  rollback: [...ROLLBACK, ...COMMON],
  migrate: [...MIGRATE, ...COMMON],
  rollout: [
    ...DEPLOY,
    ...SMOKE_TEST,
    ...CANARY_STEP,
    ...ANALYZE,
    ...REPORT,
    ...ROLLBACK,
    ...MIGRATE,
    ...COMMON,
  ],
} as const satisfies Record<ActionName, readonly string[]>

export type OutputName<Action extends ActionName> = (typeof OUTPUTS)[Action][number]

/** All outputs of a job together may have 1 MB (trap 36); one of ours never needs more than this many characters. */
const LONGEST_OUTPUT = 65_536

/**
 * The outputs of one step. Each is written at once, so that a failure or a kill later on keeps it; written again,
 * the last one counts.
 */
export class Outputs<Action extends ActionName> {
  readonly #masks: Masks
  readonly #notice: (message: string) => void
  readonly #written = new Map<OutputName<Action>, string>()

  constructor(masks: Masks, notice: (message: string) => void) {
    this.#masks = masks
    this.#notice = notice
  }

  /** @throws Error for a state that is not in plain characters or a value that is too long: our bugs. */
  set(name: OutputName<Action>, value: string | number): void {
    const text = String(value)
    if (this.#written.get(name) === text) return
    if (name === 'state') assertPlain(text)
    if (text.length > LONGEST_OUTPUT) throw new Error(`the output ${name} has ${text.length} characters`)
    setOutput(name, text)
    this.#written.set(name, text)
    this.#explainMasks(name, text)
  }

  /** How the step ended. */
  result(result: Result): void {
    this.set('result', result)
  }

  /** What was written so far. */
  get(name: OutputName<Action>): string | undefined {
    return this.#written.get(name)
  }

  /** GitHub drops a job's output that contains a masked string, with a warning that nobody connects to its cause. */
  #explainMasks(name: string, text: string): void {
    const secret = this.#masks.occurringIn(text)
    if (secret === undefined) return
    this.#notice(
      `The output ${name} contains the value of ${secret}, which is masked. Later steps of this job get it in full, ` +
        'but GitHub drops it if it is made an output of the job. Hand over `state` instead: it never contains a secret.',
    )
  }
}

/** A state in other characters could contain somebody's mask, such as the `{` of a JSON secret (trap 35). */
function assertPlain(state: string): void {
  if (!/^[A-Za-z0-9._~-]+$/.test(state))
    throw new Error(`the state ${JSON.stringify(state)} is not in plain characters`)
}
