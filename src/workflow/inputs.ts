import { getInput } from '@actions/core'
import { nearest } from '../rollout/nearest.js'
import { messageOf, UserError } from '../rollout/user-error.js'
import {
  anything,
  duration,
  flag,
  label,
  line,
  oneOf,
  optional,
  otherwise,
  secret,
  someDuration,
  text,
  weight,
  type Input,
} from './input-kinds.js'

/** Inputs that every action takes. */
const COMMON = {
  config: otherwise('.github/rollout.yml', line(1_000)),
  service: optional(
    text(/^[A-Za-z0-9][\w.-]{0,62}$/, 'Give the key of a service in rollout.yml: letters, digits, . _ -'),
  ),
  environment: optional(line(255)),
  state: optional(
    text(
      /^[A-Za-z0-9._~-]{1,128}$/,
      'Pass on the output `state` of an earlier step as it is, or leave it out: the ledger knows the rollout of this run.',
    ),
  ),
  token: secret(optional(anything)),
  // No fallback: a job that failed must never be taken for one that succeeded.
  'job-status': oneOf('success', 'failure', 'cancelled'),
  'dry-run': otherwise('false', flag),
}

const RELEASE = {
  version: label,
  image: optional(
    text(
      /^[A-Za-z0-9][\w./:@+-]{0,511}$/,
      'Give a reference such as ghcr.io/acme/shop@sha256:… or acme/shop:1.4.',
    ),
  ),
}

/** Every input of every action: the keys are those of action.yml, and a test keeps the two the same. */
export const INPUTS = {
  deploy: {
    ...RELEASE,
    strategy: optional(oneOf('canary', 'blue-green', 'rolling', 'recreate')),
    'on-cancel': optional(oneOf('back', 'hold')),
    'if-busy': optional(oneOf('refuse', 'wait', 'supersede')),
    adopt: otherwise('false', flag),
    ...COMMON,
  },
  'smoke-test': {
    target: otherwise('candidate', oneOf('candidate', 'live')),
    budget: optional(someDuration),
    ...COMMON,
  },
  'canary-step': { weight, hold: optional(duration), analyze: optional(flag), ...COMMON },
  analyze: { for: otherwise('5m', someDuration), interval: optional(someDuration), ...COMMON },
  rollback: {
    to: optional(label),
    reason: optional(line(1_000)),
    'if-stale': otherwise('leave', oneOf('leave', 'back')),
    ...COMMON,
  },
  migrate: {
    phase: otherwise('expand', oneOf('expand', 'contract')),
    directory: optional(line(1_000)),
    'database-url': secret(optional(anything)),
    ...COMMON,
  },
  rollout: { ...RELEASE, ...COMMON },
  /** What the post step reads again: nothing that only the main step needs. */
  post: COMMON,
}

export type ActionName = Exclude<keyof typeof INPUTS, 'post'>

type Values<Inputs> = {
  readonly [Name in keyof Inputs]: Inputs[Name] extends Input<infer Value> ? Value : never
}

export type CommonInputs = Values<typeof COMMON>

/** The checked inputs of one action, by the names of action.yml. Durations are in milliseconds. */
export type InputsOf<Name extends keyof typeof INPUTS> = CommonInputs & Values<(typeof INPUTS)[Name]>

/** Where inputs come from: GitHub's runner puts each into a variable `INPUT_<NAME>`. */
export interface InputSource {
  /** The text, trimmed; '' when nothing was given, which GitHub does not tell from an empty expression. */
  get(name: string): string
  /** The names of all inputs that were given, known or not, in lower case. */
  names(): readonly string[]
}

export const RUNNER_INPUTS: InputSource = {
  get: (name) => getInput(name),
  names: () =>
    Object.keys(process.env)
      .filter((variable) => variable.startsWith('INPUT_'))
      .map((variable) => variable.slice('INPUT_'.length).toLowerCase()),
}

export interface ReadInputs<Name extends keyof typeof INPUTS> {
  readonly inputs: InputsOf<Name>
  /** What is odd and does no harm; to be shown as warnings. */
  readonly oddities: readonly string[]
}

/** The secret inputs that were given, to be masked before anything else is done with them. */
export function secretInputs(
  name: keyof typeof INPUTS,
  source: InputSource = RUNNER_INPUTS,
): ReadonlyMap<string, string> {
  const given = Object.entries<Input<unknown>>(INPUTS[name])
    .filter(([, input]) => input.secret === true)
    .map(([key]) => [key, source.get(key)] as const)
  return new Map(given.filter(([, value]) => value !== ''))
}

/**
 * Reads and checks all inputs of an action.
 * @throws UserError that lists everything that is wrong with them at once; nothing has been done by then.
 */
export function readInputs<Name extends keyof typeof INPUTS>(
  name: Name,
  source: InputSource = RUNNER_INPUTS,
): ReadInputs<Name> {
  const declared = Object.entries<Input<unknown>>(INPUTS[name])
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [key, input] of declared) {
    try {
      values[key] = valueOf(key, input, source.get(key))
    } catch (thrown) {
      problems.push(problemOf(thrown))
    }
  }
  const oddities = name === 'post' ? [] : unknownInputs(name, source, problems)
  if (problems.length > 0) throw wrongInputs(name, problems)
  return { inputs: values as InputsOf<Name>, oddities }
}

function valueOf(key: string, input: Input<unknown>, given: string): unknown {
  const chosen = given === '' ? (input.fallback ?? '') : given
  if (chosen !== '') return input.read(chosen, key)
  if (input.need === 'optional') return undefined
  throw new UserError(`${key}: nothing was given`, {
    hint: 'It is required. An expression such as ${{ steps.x.outputs.y }} that finds nothing counts as nothing.',
  })
}

/**
 * GitHub only warns of an input that action.yml does not know, and goes on without it: `hodl: 30m` would hold
 * nothing. What is near a known name is therefore an error; anything else may be a variable of the user's own
 * that happens to begin with INPUT_.
 */
function unknownInputs(name: ActionName, source: InputSource, problems: string[]): string[] {
  const known = Object.keys(INPUTS[name])
  const oddities: string[] = []
  for (const given of source.names().filter((candidate) => !known.includes(candidate))) {
    const meant = nearest(given.replaceAll('_', '-'), known)
    if (meant === undefined)
      oddities.push(
        `${name} has no input ${JSON.stringify(given)}: it is ignored. It has: ${known.join(', ')}.`,
      )
    else problems.push(`${JSON.stringify(given)} is not an input of ${name}. Did you mean ${meant}?`)
  }
  return oddities
}

function problemOf(thrown: unknown): string {
  if (!(thrown instanceof UserError)) throw thrown
  return thrown.hint === undefined ? messageOf(thrown) : `${thrown.message}. ${thrown.hint}`
}

function wrongInputs(name: string, problems: readonly string[]): UserError {
  const what = problems.length === 1 ? 'An input is wrong' : `${problems.length} inputs are wrong`
  return new UserError(`${what}:\n${problems.map((problem) => `- ${problem}`).join('\n')}`, {
    hint: `Mend the step's \`with:\` in the workflow file (action: ${name}). Nothing was changed.`,
  })
}
