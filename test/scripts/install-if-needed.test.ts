import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

interface Package {
  version: string
  optional?: boolean
  os?: string[]
  cpu?: string[]
}

describe('npm test and npm run demo, before they begin', () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tuesday-install-'))
    mkdirSync(join(root, 'scripts'))
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
    cpSync('scripts/install-if-needed.mjs', join(root, 'scripts/install-if-needed.mjs'))
    writeFileSync(join(root, 'node_modules/.bin/node'), '')
    // Stands for npm: writes down how it was called, and makes what an installation makes.
    writeFileSync(
      join(root, 'npm.js'),
      `const fs = require('fs'); fs.appendFileSync('called', process.argv.slice(2).join(' ') + '\\n')
       fs.mkdirSync('node_modules/.bin', { recursive: true }); fs.writeFileSync('node_modules/.bin/node', '')
       process.exit(fs.existsSync('refuse') ? 1 : 0)`,
    )
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const write = (file: string, packages: Record<string, Package>): void =>
    writeFileSync(join(root, file), JSON.stringify({ packages: { '': { version: '0' }, ...packages } }))
  const install = (packages: Record<string, Package>): void => {
    write('node_modules/.package-lock.json', packages)
    for (const path of Object.keys(packages)) mkdirSync(join(root, path), { recursive: true })
  }
  const run = () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'scripts/install-if-needed.mjs')],
      { env: { ...process.env, npm_execpath: join(root, 'npm.js') }, encoding: 'utf8' },
    )
    const called = existsSync(join(root, 'called')) ? readFileSync(join(root, 'called'), 'utf8') : ''
    return { status, printed: stdout + stderr, called: called.trim() }
  }

  const yaml = { 'node_modules/yaml': { version: '2.9.1' } }

  it('say and do nothing when everything is there', () => {
    write('package-lock.json', yaml)
    install(yaml)
    expect(run()).toEqual({ status: 0, printed: '', called: '' })
  })

  it('install on a fresh clone', () => {
    write('package-lock.json', yaml)
    rmSync(join(root, 'node_modules'), { recursive: true })
    const { status, printed, called } = run()
    expect(status).toBe(0)
    expect(called).toMatch(/^ci\b/)
    expect(printed).toContain('nothing is installed yet')
  })

  it('install when a version is not the one of package-lock.json', () => {
    write('package-lock.json', yaml)
    install({ 'node_modules/yaml': { version: '2.9.0' } })
    const { printed, called } = run()
    expect(called).toMatch(/^ci\b/)
    expect(printed).toContain('yaml')
  })

  it('install when a folder was deleted by hand', () => {
    write('package-lock.json', yaml)
    install(yaml)
    rmSync(join(root, 'node_modules/yaml'), { recursive: true })
    expect(run().called).toMatch(/^ci\b/)
  })

  it('do not ask for what belongs to another machine', () => {
    const foreign = { version: '1', optional: true, os: ['aix'], cpu: ['s390x'] }
    write('package-lock.json', { ...yaml, 'node_modules/node-aix': foreign })
    install(yaml)
    expect(run().called).toBe('')
  })

  it('fail, and say what to do, when npm does', () => {
    write('package-lock.json', yaml)
    writeFileSync(join(root, 'refuse'), '')
    const { status, printed } = run()
    expect(status).toBe(1)
    expect(printed).toContain('npm ci')
  })
})
