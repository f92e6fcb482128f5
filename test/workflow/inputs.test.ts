import { describe, expect, it } from '@jest/globals'
import { UserError } from '../../src/rollout/user-error.js'
import {
  readInputs,
  RUNNER_INPUTS,
  secretInputs,
  type ActionName,
  type InputSource,
} from '../../src/workflow/inputs.js'

const given = (inputs: Record<string, string>): InputSource => {
  const all: Record<string, string> = { 'job-status': 'success', ...inputs }
  return { get: (name) => (all[name] ?? '').trim(), names: () => Object.keys(all) }
}

const errorOf = (name: ActionName, inputs: Record<string, string>): UserError => {
  try {
    readInputs(name, given(inputs))
  } catch (thrown) {
    if (thrown instanceof UserError) return thrown
    throw thrown
  }
  throw new Error('nothing was refused')
}

describe('inputs', () => {
  it('are typed values by the names of action.yml', () => {
    const { inputs } = readInputs('canary-step', given({ weight: '25%', hold: '90s', analyze: 'true' }))
    expect(inputs).toEqual({
      weight: 25,
      hold: 90_000,
      analyze: true,
      config: '.github/rollout.yml',
      service: undefined,
      environment: undefined,
      state: undefined,
      token: undefined,
      'job-status': 'success',
      'dry-run': false,
    })
  })

  it('are all checked, and everything wrong is said at once', () => {
    const { message, hint } = errorOf('canary-step', {
      weight: '25abc',
      hold: '5',
      'dry-run': 'yes',
      state: 'a b',
    })
    expect(message).toContain('4 inputs are wrong')
    expect(message).toContain('weight: "25abc" is not a weight')
    expect(message).toContain('hold: "5" is not a duration')
    expect(message).toContain('dry-run: "yes" is neither true nor false')
    expect(message).toContain('state: "a b"')
    expect(hint).toContain('Nothing was changed')
  })

  it.each(['NaN', 'abc', '-1', '101', '100.01', '5.123', '1e1', '0x10', 'Infinity', '５', '25 abc'])(
    'the weight %j is refused, never read as something else (trap 34)',
    (weight) => {
      expect(errorOf('canary-step', { weight }).message).toContain('is not a weight')
    },
  )

  it.each(['yes', 'on', '1', 'tru', 'truee', 'no', '0', 'y'])(
    'the boolean %j is refused, never false (trap 34)',
    (adopt) => {
      expect(errorOf('deploy', { version: 'v1', adopt }).message).toContain('adopt')
    },
  )

  it('a word that is not allowed names the word that was meant and those that are allowed', () => {
    const { message } = errorOf('deploy', { version: 'v1', strategy: 'blue-gren', 'if-busy': 'explode' })
    expect(message).toContain('Did you mean blue-green? Allowed: canary, blue-green, rolling, recreate.')
    expect(message).toContain('if-busy: "explode" is not allowed. Allowed: refuse, wait, supersede.')
  })

  it('a required input that an empty expression left out is named as such', () => {
    expect(errorOf('deploy', { version: '' }).message).toContain('version: nothing was given')
    expect(errorOf('canary-step', {}).message).toContain('weight: nothing was given')
  })

  it('a misspelled input is an error, since GitHub would go on without it', () => {
    expect(errorOf('canary-step', { weight: '5', hodl: '30m' }).message).toContain(
      '"hodl" is not an input of canary-step. Did you mean hold?',
    )
    expect(errorOf('migrate', { database_url: 'x' }).message).toContain('Did you mean database-url?')
  })

  it('an unknown input that resembles none is noticed and ignored', () => {
    const { oddities } = readInputs('rollback', given({ zebra: 'x' }))
    expect(oddities).toHaveLength(1)
    expect(oddities[0]).toContain('rollback has no input "zebra"')
  })

  it.each([
    '--rm',
    '-v',
    'v1\n::set-output name=x::y',
    'a b',
    'v1;reboot',
    '$(reboot)',
    'é',
    'x'.repeat(129),
    '../x',
  ])('the version %j is refused', (version) => {
    expect(errorOf('deploy', { version }).message).toContain('version')
  })

  it.each(['1.4.2', 'v1.4.2+build.7', 'feature/login@2', '3f786850e387550fdab836ed7e6dc881de23001b', '7'])(
    'the version %j is taken as it is',
    (version) => {
      expect(readInputs('rollout', given({ version })).inputs.version).toBe(version)
    },
  )

  it('a wrong job status stops, since a failed job must never be taken for a success', () => {
    expect(errorOf('rollback', { 'job-status': '' }).message).toContain('job-status: nothing was given')
    expect(errorOf('rollback', { 'job-status': 'succes' }).message).toContain('Did you mean success?')
  })

  it('a secret is found before anything is checked, and no error repeats it', () => {
    const source = given({ 'database-url': 'postgres://u:hunter22@db/shop', token: 't0ken', phase: 'expnd' })
    expect(secretInputs('migrate', source)).toEqual(
      new Map([
        ['token', 't0ken'],
        ['database-url', 'postgres://u:hunter22@db/shop'],
      ]),
    )
    expect(() => readInputs('migrate', source)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter22') }),
    )
  })

  it('the post step reads the common inputs alone, whatever else the main step was given', () => {
    const { inputs, oddities } = readInputs('post', given({ weight: 'nonsense', 'job-status': 'cancelled' }))
    expect(inputs['job-status']).toBe('cancelled')
    expect(oddities).toEqual([])
  })

  it("come from the runner's variables", () => {
    process.env['INPUT_WEIGHT'] = ' 50 '
    process.env['INPUT_JOB-STATUS'] = 'success'
    try {
      expect(readInputs('canary-step', RUNNER_INPUTS).inputs.weight).toBe(50)
      expect(RUNNER_INPUTS.names()).toEqual(expect.arrayContaining(['weight', 'job-status']))
    } finally {
      delete process.env['INPUT_WEIGHT']
      delete process.env['INPUT_JOB-STATUS']
    }
  })
})
