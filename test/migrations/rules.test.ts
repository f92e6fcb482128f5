import { beforeAll, describe, expect, it } from '@jest/globals'
import { judge } from '../../src/migrations/judge.js'
import type { Judgement, ParsedMigration, Surroundings } from '../../src/migrations/judge.js'
import type { Phase } from '../../src/migrations/phase.js'
import { loadParser } from '../../src/migrations/statements.js'
import type { SqlParser } from '../../src/migrations/statements.js'
import { corpus } from './corpus.js'

let parser: SqlParser
beforeAll(async () => {
  parser = await loadParser()
})

function migration(
  sql: string,
  { phase = 'expand', path = 'db/0001_x.sql' }: { phase?: Phase; path?: string } = {},
): ParsedMigration {
  const statements = parser.statements(sql)
  if ('problem' in statements) throw new Error(`${statements.problem}: ${sql}`)
  return { file: { id: '1', name: path, path, sql, checksum: '', phase, safeSince: undefined }, statements }
}

function judged(sql: string, phase: Phase = 'expand', surroundings?: Surroundings): Judgement {
  return judge([migration(sql, { phase })], parser, surroundings)
}

describe('what breaks the live release, and what does not', () => {
  it.each(corpus.map(({ sql, rules }) => [sql, rules] as const))('%s', (sql, rules) => {
    expect(judged(sql).refused.map(({ rule }) => rule)).toEqual(rules)
  })

  it('says in each finding what breaks and what to do instead', () => {
    for (const { sql } of corpus) {
      for (const { what, safe } of judged(sql).refused) {
        expect(what.length).toBeGreaterThan(30)
        expect(safe.length).toBeGreaterThan(20)
        expect(`${what} ${safe}`).not.toMatch(/undefined|null\b/)
      }
    }
  })
})

describe('where it stands', () => {
  it('counts characters where the parser counts bytes, behind comments and letters of any width', () => {
    const sql =
      "-- Zürich 😀\nSELECT 'ééé 😀'; /* so */\n  SELECT 1; ALTER TABLE t\n  ADD COLUMN a int,\n  ADD COLUMN ü int NOT NULL;\nDROP TABLE t"
    const places = judged(sql).refused.map(({ line, column, rule }) => ({ line, column, rule }))
    expect(places).toEqual([
      { line: 5, column: 14, rule: 'required-column' },
      { line: 6, column: 1, rule: 'drop-table' },
    ])
  })

  it('is the line inside a DO block', () => {
    const sql = 'SELECT 1;\nDO\n$$\nBEGIN\n  PERFORM 1;\n    DROP TABLE drafts;\nEND\n$$;\n'
    expect(judged(sql).refused).toMatchObject([{ line: 6, column: 5, rule: 'drop-table' }])
  })
})

describe('what is new in the set', () => {
  it('carries over from file to file, in order', () => {
    const make = migration('CREATE TABLE letters (id int)', { path: 'db/1.sql' })
    const index = migration('CREATE INDEX ON letters (id)', { path: 'db/2.sql' })
    expect(judge([make, index], parser).refused).toEqual([])
    expect(judge([index, make], parser).refused).toMatchObject([{ path: 'db/2.sql' }])
  })

  it('includes what an earlier run of the same set got done', () => {
    const before = [migration('CREATE TABLE IF NOT EXISTS letters (id int)')]
    const existing = new Set(['letters'])
    expect(judged('CREATE INDEX ON letters (id)', 'expand', { before, existing }).refused).toEqual([])
  })

  it('does not include a table that IF NOT EXISTS finds there', () => {
    const sql = 'CREATE TABLE IF NOT EXISTS articles (id int); CREATE INDEX ON articles (id)'
    expect(judged(sql).refused).toEqual([])
    expect(judged(sql, 'expand', { existing: new Set(['articles']) }).refused).toMatchObject([
      { rule: 'index-blocks-writes' },
    ])
  })
})

describe('a declared contract', () => {
  it('may take away what the live release no longer uses', () => {
    const sql =
      'ALTER TABLE articles DROP COLUMN byline; DROP TABLE drafts; ALTER TABLE articles RENAME TO stories'
    expect(judged(sql, 'contract')).toEqual({ refused: [], warnings: [], unread: [] })
  })

  it('is warned of what makes the live release wait', () => {
    const { refused, warnings } = judged('DROP TABLE drafts; CREATE INDEX ON articles (day)', 'contract')
    expect(refused).toEqual([])
    expect(warnings).toMatchObject([{ rule: 'index-blocks-writes', line: 1, column: 20 }])
  })
})

it('names the DO blocks whose SQL is put together while they run', () => {
  const sql = 'SELECT 1;\nDO $$ DECLARE q text; BEGIN q := current_user; EXECUTE q; END $$'
  expect(judged(sql)).toEqual({
    refused: [],
    warnings: [],
    unread: [{ path: 'db/0001_x.sql', line: 2, column: 1 }],
  })
})
