import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { brokenArrows } from '../../scripts/arrows/broken-arrows.ts'

describe('the arrows of the house', () => {
  it('hold for every file of this repository', () => {
    expect(brokenArrows(process.cwd())).toEqual([])
  })
})

describe('the check of the arrows', () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tuesday-arrows-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const write = (file: string, source: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), source)
  }
  const brokenBy = (file: string, source: string): string[] => {
    write(file, source)
    return brokenArrows(root)
  }

  it.each([
    ['the core imports an adapter', 'src/rollout/conductor.ts', "import '../platforms/local/local.js'"],
    ['the core imports an adapter lazily', 'src/rollout/a.ts', "await import('../platforms/local/local.js')"],
    [
      'the core imports a type of an adapter',
      'src/rollout/a.ts',
      "import type { A } from '../routers/nginx.js'",
    ],
    [
      'the core names a type of GitHub’s side',
      'src/rollout/a.ts',
      "type A = import('../workflow/inputs.js').A",
    ],
    ['the core re-exports an adapter', 'src/rollout/a.ts', "export * from '../metrics/prometheus/x.js'"],
    ['the core imports a vendor', 'src/rollout/a.ts', "import { parse } from 'yaml'"],
    ['the core imports GitHub', 'src/rollout/a.ts', "import * as core from '@actions/core'"],
    ['the core imports node:http', 'src/rollout/a.ts', "import http from 'node:http'"],
    ['the core imports node:fs', 'src/rollout/a.ts', "import { readFileSync } from 'node:fs'"],
    ['the core imports what it computes', 'src/rollout/a.ts', 'await import(name)'],
    ['the core reads the environment', 'src/rollout/a.ts', 'export const a = process.env.HOME'],
    ['the core reads the time', 'src/rollout/a.ts', 'export const a = Date.now()'],
    ['the core makes a date of now', 'src/rollout/a.ts', 'export const a = new Date()'],
    ['the core waits by itself', 'src/rollout/a.ts', 'setTimeout(() => {}, 5)'],
    ['one adapter imports another', 'src/platforms/ecs/a.ts', "import '../local/settings.js'"],
    ['an adapter imports the conductor', 'src/platforms/ecs/a.ts', "import '../../rollout/conductor.js'"],
    ['the judge is no pure function', 'src/analysis/a.ts', "import { weight } from '../rollout/weight.js'"],
    ['the config imports an adapter', 'src/config/a.ts', "import '../platforms/local/local.js'"],
    [
      'the settings of an adapter import',
      'src/platforms/local/settings.ts',
      "import '../../rollout/weight.js'",
    ],
    ['octokit is loaded at the start', 'src/workflow/a.ts', "import { getOctokit } from '@actions/github'"],
    [
      'the wiring loads a platform at the start',
      'src/actions/wiring.ts',
      "import '../platforms/local/local.js'",
    ],
    [
      'an action goes past the wiring',
      'src/actions/deploy.ts',
      "await import('../platforms/local/local.js')",
    ],
    ['the workflow harness knows the sources', 'test/github/a.ts', "import '../../src/rollout/weight.js'"],
    ['the load knows the sources', 'test/load/a.ts', "import type { A } from '../../src/rollout/weight.js'"],
    ['a folder has no place in the house', 'src/shared/a.ts', 'export const a = 1'],
  ])('finds that %s', (_, file, source) => {
    const broken = brokenBy(file, source)
    expect(broken).toHaveLength(1)
    expect(broken[0]).toContain(file)
  })

  it.each([
    ['the core imports itself', 'src/rollout/a.ts', "import './ports/clock.js'"],
    ['an adapter speaks the words of the core', 'src/platforms/ecs/a.ts', "import '../../rollout/weight.js'"],
    ['an adapter imports its own files', 'src/platforms/ecs/wire/a.ts', "import '../tasks.js'"],
    [
      'the wiring loads a platform when used',
      'src/actions/wiring.ts',
      "await import('../platforms/local/a.js')",
    ],
    ['a date is made of what is given', 'src/rollout/a.ts', 'export const a = (t: number) => new Date(t)'],
  ])('lets pass that %s', (_, file, source) => {
    expect(brokenBy(file, source)).toEqual([])
  })

  it('finds a circle of imports, once, and not one of types', () => {
    write('src/rollout/a.ts', "import './b.js'")
    write('src/rollout/b.ts', "import './c.js'")
    write('src/rollout/c.ts', "import './a.js'")
    write('src/rollout/d.ts', "import type { E } from './e.js'")
    write('src/rollout/e.ts', "import './d.js'")
    expect(brokenArrows(root)).toEqual([
      'src/rollout/a.ts → src/rollout/b.ts → src/rollout/c.ts → src/rollout/a.ts: import each other in a circle',
    ])
  })
})
