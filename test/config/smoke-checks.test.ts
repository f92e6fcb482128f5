import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readSmokeChecks } from '../../src/config/smoke-checks.js'
import type { SmokeCheck } from '../../src/smoke/smoke-check.js'
import { LEAST, load } from './given.js'

let workspace = ''
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'workspace-'))
  mkdirSync(join(workspace, 'smoke'))
})
afterEach(() => rmSync(workspace, { recursive: true }))

async function checks(smoke: string, env: Record<string, string> = {}): Promise<readonly SmokeCheck[]> {
  return readSmokeChecks(await load(`${LEAST}smoke: ${smoke}\n`), workspace, env)
}

function file(name: string, text: string): void {
  writeFileSync(join(workspace, 'smoke', name), text)
}

describe('smoke checks', () => {
  it('have a name, a status and a time from the least that is said', async () => {
    expect(await checks('[{ path: /health }]')).toEqual([
      {
        name: 'GET /health',
        method: 'GET',
        path: '/health',
        headers: {},
        body: undefined,
        expect: { status: [200], contains: [], json: {}, withinMs: 2_000 },
        retries: 0,
      },
    ])
  })

  it('send a map as JSON, and fill variables into headers', async () => {
    const smoke =
      '[{ path: /, method: POST, body: { a: [1] }, headers: { Authorization: "Bearer ${TOKEN}" } }]'
    expect(await checks(smoke, { TOKEN: 'abc' })).toMatchObject([
      { body: '{"a":[1]}', headers: { 'content-type': 'application/json', Authorization: 'Bearer abc' } },
    ])
    await expect(checks(smoke)).rejects.toThrow('header Authorization: TOKEN is empty or not set')
  })

  it('tell which variables were filled into headers, so that they are masked', async () => {
    file('a.yml', '- { path: /a, headers: { X-Key: "${KEY}:${TOKEN}" } }\n')
    const config = await load(
      `${LEAST}smoke: ["smoke/*.yml", { path: /, headers: { Authorization: "Bearer \${TOKEN}" } }]\n`,
    )
    const told: string[] = []
    await readSmokeChecks(config, workspace, { TOKEN: 'hunter2', KEY: 'k', OTHER: 'x' }, (name, value) =>
      told.push(`${name}=${value}`),
    )
    expect([...new Set(told)].sort()).toEqual(['KEY=k', 'TOKEN=hunter2'])
  })

  it('come from the files of a glob in the order of their names, beside those of the config', async () => {
    file('b.yml', '- path: /b\n')
    file('a.yml', '- path: /a1\n- path: /a2\n')
    const found = await checks('["smoke/*.yml", { path: /own }]')
    expect(found.map(({ path }) => path)).toEqual(['/a1', '/a2', '/b', '/own'])
  })

  it('say which glob finds nothing', async () => {
    await expect(checks('["smoke/*.yml"]')).rejects.toThrow(
      '.github/rollout.yml: smoke: no file matches smoke/*.yml',
    )
  })

  it('are refused with file, line and column', async () => {
    file('a.yml', '- path: /a\n  statos: 200\n- path: b\n')
    await expect(checks('["smoke/*.yml"]')).rejects.toThrow(
      /^smoke\/a\.yml:2:3: \[0\]\.statos: unknown key; did you mean status\?.*\nsmoke\/a\.yml:3:9: \[1\]\.path: given "b"; allowed: a path/,
    )
    file('a.yml', 'path: /a\n')
    await expect(checks('["smoke/*.yml"]')).rejects.toThrow(
      /^smoke\/a\.yml:1:1: given a map with path; allowed: a list of checks/,
    )
    file('a.yml', '- { path: /, headers: { Cookie: sid=hunter2 } }\n')
    await expect(checks('["smoke/*.yml"]')).rejects.toThrow(
      /^smoke\/a\.yml:1:33: \[0\]\.headers\.Cookie: a literal value where a secret/,
    )
  })
})
