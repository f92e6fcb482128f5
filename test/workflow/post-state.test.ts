import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Masks } from '../../src/workflow/masks.js'
import { recall, remember } from '../../src/workflow/post-state.js'
import { readOutputs } from './read-outputs.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'))
  process.env['GITHUB_STATE'] = join(folder, 'state')
  writeFileSync(join(folder, 'state'), '')
})
afterEach(() => {
  delete process.env['GITHUB_STATE']
  delete process.env['STATE_tuesday']
  rmSync(folder, { recursive: true })
})

const masks = new Masks(() => undefined)
masks.add('the input token', 's3cret-value')

/** What the runner does between main and post: it sets a variable for each name. */
const handOver = (): void => {
  process.env['STATE_tuesday'] = readOutputs(readFileSync(join(folder, 'state'), 'utf8'))['tuesday'] ?? ''
}

describe("the post step's state", () => {
  it('is what the main step kept last', () => {
    remember({ config: 'a.yml', dryRun: false }, masks)
    remember({ config: 'a.yml', service: 'shop', state: 'r1', environment: undefined, dryRun: false }, masks)
    handOver()
    expect(recall()).toEqual({ config: 'a.yml', service: 'shop', state: 'r1', dryRun: false })
  })

  it('contains no secret', () => {
    remember({ config: 'a.yml', environment: 'with s3cret-value', dryRun: true }, masks)
    expect(readFileSync(join(folder, 'state'), 'utf8')).not.toContain('s3cret')
    handOver()
    expect(recall()).toEqual({ config: 'a.yml', dryRun: true })
  })

  it('is nothing when the main step came to nothing', () => {
    expect(recall()).toBeUndefined()
  })

  it.each(['[]', '"x"', '{"config":1,"service":{"a":1},"dryRun":"true"}'])(
    '%s, which nobody wrote, is taken for nothing known',
    (text) => {
      process.env['STATE_tuesday'] = text
      if (text === '"x"') expect(() => recall()).toThrow('was left')
      else expect(recall()).toEqual({ dryRun: false })
    },
  )
})
