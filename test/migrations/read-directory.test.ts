import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { idOf } from '../../src/migrations/file-id.js'
import { readDirectory } from '../../src/migrations/read-directory.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tuesday-directory-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function write(name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(directory, name)), { recursive: true })
  writeFileSync(join(directory, name), content)
}

it.each([
  ['0042_add_email.sql', '42'],
  ['42-add.sql', '42'],
  ['7.sql', '7'],
  ['1.10_x.sql', '1.10'],
  ['V3__flyway.sql', '3'],
  ['001_2fa_table.sql', '1'],
  ['0001_2024_report.sql', '1'],
  ['20260305101500_x.up.sql', '20260305101500'],
  ['2026-03-05-x.sql', '2026.3.5'],
  ['2026_03_05_101500_x.sql', '2026.3.5.101500'],
  ['add_email.sql', undefined],
  ['42add.sql', undefined],
])('%s has the id %s', (name, id) => {
  expect(idOf(name)).toBe(id)
})

describe('a directory that cannot be read', () => {
  it.each<[string, Record<string, string | Buffer>, RegExp]>([
    [
      'two files of one id',
      { '0042_a.sql': '', 'expand/42_b.sql': '' },
      /0042_a\.sql and .*expand\/42_b\.sql have one id, 42/,
    ],
    ['a name without a number', { 'first.sql': '' }, /first\.sql: the name begins with a number or a date/],
    [
      'a folder of another layout',
      { '2026_x/migration.sql': '' },
      /2026_x\/migration\.sql: SQL is read from the directory itself/,
    ],
    [
      'folder and comment that differ',
      { 'expand/1_a.sql': '-- tuesday: phase=contract' },
      /stands in expand\/ and declares phase=contract/,
    ],
    [
      'a phase that does not exist',
      { '1_a.sql': '\n-- tuesday: phase=kontract' },
      /1_a\.sql:2: phase=kontract in the tuesday comment: phase is expand or contract/,
    ],
    [
      'an unknown key',
      { '1_a.sql': '-- tuesday: phase=contract since=v1' },
      /1_a\.sql:1: the tuesday comment has no key "since"/,
    ],
    [
      'an example that was not filled in',
      { '1_a.sql': '-- tuesday: phase=contract safe-since=<release>' },
      /safe-since is the commit or version of a release/,
    ],
    ['UTF-16', { '1_a.sql': Buffer.from('SELECT 1', 'utf16le') }, /1_a\.sql:1: it holds a zero byte/],
    ['Latin-1', { '1_a.sql': Buffer.from("SELECT 1;\nSELECT 'é'", 'latin1') }, /1_a\.sql:2: it is not UTF-8/],
    [
      'the way back in the same file',
      { '1_a.sql': '-- migrate:up\nSELECT 1;\n-- migrate:down\n' },
      /1_a\.sql:1: "-- migrate:up" is for dbmate/,
    ],
  ])('%s', async (_, files, message) => {
    for (const [name, content] of Object.entries(files)) write(name, content)
    await expect(readDirectory(directory)).rejects.toThrow(message)
  })

  it('does not exist', async () => {
    await expect(readDirectory(join(directory, 'db'))).rejects.toThrow(
      /db, cannot be read: there is no such directory/,
    )
  })
})

it('reads text of any letters, with or without a byte order mark', async () => {
  write('1_a.sql', "\ufeffSELECT '\ufffd é 😀'\r\n")
  expect(await readDirectory(directory)).toMatchObject([
    { id: '1', sql: "SELECT '\ufffd é 😀'\n", phase: 'expand' },
  ])
})

it('names files as seen from where the job stands', async () => {
  const [first] = await readDirectory(join(import.meta.dirname, 'directory-of-two'))
  expect(first).toMatchObject({
    name: '1_paper.sql',
    path: join('test', 'migrations', 'directory-of-two', '1_paper.sql'),
  })
})
