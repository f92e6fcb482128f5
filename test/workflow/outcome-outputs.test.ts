import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Masks } from '../../src/workflow/masks.js'
import { worstOf, writeOutcome } from '../../src/workflow/outcome-outputs.js'
import { Outputs } from '../../src/workflow/outputs.js'
import { readOutputs } from './read-outputs.js'
import { AT_25, ROLLED_BACK } from './sample-outcome.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcome-'))
  process.env['GITHUB_OUTPUT'] = join(folder, 'output')
  writeFileSync(join(folder, 'output'), '')
})
afterEach(() => {
  delete process.env['GITHUB_OUTPUT']
  rmSync(folder, { recursive: true })
})

const written = (): Record<string, string> => readOutputs(readFileSync(join(folder, 'output'), 'utf8'))
const outputs = <Action extends 'deploy' | 'canary-step' | 'analyze' | 'rollback'>(): Outputs<Action> =>
  new Outputs<Action>(new Masks(() => undefined), () => undefined)

describe('an outcome in outputs', () => {
  it('writes what the action has and nothing else', () => {
    writeOutcome('deploy', outputs<'deploy'>(), AT_25, folder)
    expect(written()).toEqual({
      state: 'r0llout1d',
      'stable-version': 'v1',
      'candidate-version': 'v2',
      slot: 'green',
    })
  })

  it('a report is a file, since any mask in its JSON would drop the output (trap 35)', () => {
    writeOutcome('analyze', outputs<'analyze'>(), ROLLED_BACK, folder)
    const { report = '', ...others } = written()
    expect(others).toEqual({ state: 'r0llout1d', verdict: 'fail', reason: 'errors 5.0 % against 0.10 %' })
    expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual(ROLLED_BACK.report)
  })

  it('canary-step leaves the report of its hold, as analyze does', () => {
    writeOutcome('canary-step', outputs<'canary-step'>(), ROLLED_BACK, folder)
    expect(JSON.parse(readFileSync(written()['report'] ?? '', 'utf8'))).toEqual(ROLLED_BACK.report)
  })

  it('each analysis of a rollout has a file of its own: none is written over before the job ends', () => {
    const parameters = { rules: [], minSamples: 7, holdOver: true }
    const { report: first } = ROLLED_BACK
    if (first === undefined) throw new Error('the sample has no report')
    writeOutcome('analyze', outputs<'analyze'>(), ROLLED_BACK, folder)
    const { report: one = '' } = written()
    writeOutcome(
      'analyze',
      outputs<'analyze'>(),
      { ...ROLLED_BACK, report: { ...first, parameters } },
      folder,
    )
    const { report: other = '' } = written()
    expect(JSON.parse(readFileSync(one, 'utf8'))).toEqual(first)
    expect(JSON.parse(readFileSync(other, 'utf8'))).toMatchObject({ parameters })
  })

  it('seconds are exact to the millisecond', () => {
    writeOutcome('rollback', outputs<'rollback'>(), ROLLED_BACK, folder)
    expect(written()).toEqual({ state: 'r0llout1d', 'restored-version': 'v1', seconds: '0.432' })
  })

  it('of several services the worst counts', () => {
    expect(worstOf(['unchanged', 'succeeded', 'rolled-back'])).toBe('rolled-back')
    expect(worstOf(['rolled-back', 'failed'])).toBe('failed')
    expect(worstOf([])).toBe('unchanged')
  })
})
