import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import type { Input } from '../../src/workflow/input-kinds.js'
import { INPUTS, type ActionName } from '../../src/workflow/inputs.js'
import { OUTPUTS } from '../../src/workflow/outputs.js'

interface ActionFile {
  readonly name: string
  readonly description: string
  readonly inputs: Record<string, { description: string; required: boolean; default?: string }>
  readonly outputs: Record<string, { description: string }>
  readonly runs: Record<string, string>
}

const names = Object.keys(OUTPUTS) as ActionName[]
const fileOf = (name: ActionName): string =>
  name === 'rollout' ? 'action.yml' : `actions/${name}/action.yml`
const load = (name: ActionName): ActionFile => parse(readFileSync(fileOf(name), 'utf8')) as ActionFile

describe('action.yml files', () => {
  it('there is one for every action, and none besides', () => {
    expect(readdirSync('actions').sort()).toEqual(names.filter((name) => name !== 'rollout').sort())
  })

  it.each(names)('%s declares the inputs that the code reads, with the same needs', (name) => {
    const declared = load(name).inputs
    const read = INPUTS[name] as Record<string, Input<unknown>>
    expect(Object.keys(declared).sort()).toEqual(Object.keys(read).sort())
    for (const [key, input] of Object.entries(read)) {
      const stated = declared[key]
      if (input.need === 'optional') expect([key, stated?.required]).toEqual([key, false])
      else expect([key, stated?.required === true || stated?.default !== undefined]).toEqual([key, true])
    }
  })

  it.each(names)('%s states the defaults that the code falls back to', (name) => {
    const declared = load(name).inputs
    for (const [key, input] of Object.entries<Input<unknown>>(INPUTS[name])) {
      const stated = declared[key]?.default
      const filledInByGitHub = stated?.startsWith('${{') === true
      expect([key, filledInByGitHub ? undefined : stated]).toEqual([key, input.fallback])
    }
  })

  it.each(names)('%s declares the outputs that the code writes', (name) => {
    expect(Object.keys(load(name).outputs).sort()).toEqual([...OUTPUTS[name]].sort())
  })

  it.each(names)('%s runs on Node 24 with a post step that always runs (traps 37, 42)', (name) => {
    const up = name === 'rollout' ? '' : '../../'
    expect(load(name).runs).toEqual({
      using: 'node24',
      main: `${up}dist/${name}.js`,
      post: `${up}dist/post.js`,
      'post-if': 'always()',
    })
  })

  it.each(names)('%s describes itself and everything it takes and gives', (name) => {
    const file = load(name)
    const described = [file, ...Object.values(file.inputs), ...Object.values(file.outputs)]
    for (const { description } of described) expect(description).toMatch(/^[A-Z`].{15,}\.$/s)
  })

  it.each(names)('%s evaluates how the job stands by itself, also for the post step', (name) => {
    expect(load(name).inputs['job-status']?.default).toBe('${{ job.status }}')
    expect(load(name).inputs['token']?.default).toBe('${{ github.token }}')
  })
})
