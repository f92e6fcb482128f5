import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Masks } from '../../src/workflow/masks.js'
import { Outputs } from '../../src/workflow/outputs.js'
import { readOutputs } from './read-outputs.js'

let folder = ''
let notices: string[] = []
const masks = new Masks(() => undefined)
masks.add('the input database-url', 'postgres://u:hunter22@db.example/shop')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outputs-'))
  notices = []
  process.env['GITHUB_OUTPUT'] = join(folder, 'output')
  writeFileSync(join(folder, 'output'), '')
})

afterEach(() => {
  delete process.env['GITHUB_OUTPUT']
  rmSync(folder, { recursive: true })
})

const outputs = (): Outputs<'deploy'> => new Outputs(masks, (message) => notices.push(message))
const written = (): Record<string, string> => readOutputs(readFileSync(join(folder, 'output'), 'utf8'))

describe('outputs', () => {
  it('are written at once, so that a failure or a kill keeps them', () => {
    outputs().set('slot', 'green')
    expect(written()).toEqual({ slot: 'green' })
  })

  it('the last one of a name counts, and the same value is not written twice', () => {
    const all = outputs()
    all.set('stable-version', 'v1')
    const size = readFileSync(join(folder, 'output')).length
    all.set('stable-version', 'v1')
    expect(readFileSync(join(folder, 'output'))).toHaveLength(size)
    all.set('stable-version', 'v2')
    expect(written()).toEqual({ 'stable-version': 'v2' })
  })

  it('a value cannot add an output of its own', () => {
    outputs().set('candidate-version', 'v1\nresult=succeeded\nresult<<EOF\nsucceeded\nEOF')
    expect(Object.keys(written())).toEqual(['candidate-version'])
  })

  it.each(['{"rollout":1}', 'a b', 'ünicode', 'a:b', '', 'x\ny'])(
    'the state %j is refused, for masks may drop it (trap 35)',
    (state) => {
      expect(() => outputs().set('state', state)).toThrow('not in plain characters')
      expect(written()).toEqual({})
    },
  )

  it('a state in plain characters is written', () => {
    outputs().set('state', 'aZ09._~-')
    expect(written()).toEqual({ state: 'aZ09._~-' })
  })

  it('a value that contains a secret is noticed, with what GitHub will do (trap 35)', () => {
    outputs().set('candidate-url', 'http://hunter22.example/')
    expect(written()).toEqual({ 'candidate-url': 'http://hunter22.example/' })
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain('The output candidate-url contains the value of the input database-url')
    expect(notices[0]).toContain('GitHub drops it')
    expect(notices[0]).not.toContain('hunter22')
  })

  it('a value that could fill the 1 MB of a job is refused (trap 36)', () => {
    expect(() => outputs().set('candidate-url', 'x'.repeat(70_000))).toThrow('70000 characters')
  })
})
