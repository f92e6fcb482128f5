import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { stepEnvironment } from '../../bench/start/step-environment.ts'
import { actionFiles } from '../../scripts/docs/action-files.ts'

const files = readdirSync('dist')
const read = (file: string): string => readFileSync(join('dist', file), 'utf8')
const actions = actionFiles(process.cwd())

const announcing = `import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) { console.error('loads ' + url); return next(url, context) } })`

/** The files of dist/ that a step loads until it finds that there is no rollout.yml. */
const filesLoadedBy = (stub: string): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'tuesday-loaded-'))
  try {
    const { stderr } = spawnSync(
      'node_modules/.bin/node',
      ['--import', `data:text/javascript,${encodeURIComponent(announcing)}`, join('dist', stub)],
      { env: stepEnvironment(process.cwd(), folder, 'canary-step', { weight: '5' }), encoding: 'utf8' },
    )
    return [...stderr.matchAll(/^loads .*\/dist\/(.+)$/gm)].map(([, file]) => file ?? '')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('what `uses:` runs', () => {
  it('is there for the root action and six others', () => {
    expect(actions).toHaveLength(7)
  })

  it.each(actions)('has the files that $name names, for Node 24', ({ folder, runs }) => {
    expect(runs.using).toBe('node24')
    for (const path of [runs.main, runs.post ?? ''])
      expect(statSync(join(folder, path)).isFile()).toBe(true)
  })

  it('is one bundle behind stubs of a few lines, so that a job downloads it once', () => {
    const stubs = actions.map(({ runs }) => runs.main.replace(/^.*\//, ''))
    for (const stub of [...stubs, 'post.js']) {
      expect(read(stub)).toContain("import('./tuesday.js')")
      expect(read(stub).split('\n').length).toBeLessThan(8)
    }
  })

  it('is at most 3.5 MB without the licences', () => {
    const bytes = files
      .filter((file) => file !== 'licences.txt')
      .reduce((sum, file) => sum + statSync(join('dist', file)).size, 0)
    expect(bytes).toBeLessThanOrEqual(3_500_000)
  })

  it('carries the licence of each dependency that is shipped', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>
    }
    for (const name of Object.keys(dependencies)) expect(read('licences.txt')).toContain(`${name} `)
  })

  it('loads octokit, undici, the SQL parser, YAML in full and the database client only when they are used', () => {
    const marks = ['octokit', 'ProxyAgent', 'libpg-query.wasm', 'SCRAM-SHA', 'BLOCK_AS_IMPLICIT_KEY']
    const holding = (mark: string): string[] => files.filter((file) => file.endsWith('.js') && read(file).includes(mark))
    for (const mark of marks) expect(holding(mark)).not.toEqual([])
    const loaded = filesLoadedBy('canary-step.js')
    expect(loaded).toContain('tuesday.js')
    expect(loaded.length).toBeGreaterThan(1)
    expect(marks.flatMap(holding).filter((file) => loaded.includes(file))).toEqual([])
  })

  it('brings the SQL parser along', () => {
    expect(files).toContain('libpg-query.wasm')
    expect(files.filter((file) => file.endsWith('.js')).some((file) => read(file).includes('libpg-query.wasm'))).toBe(true)
  })
})
