import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from '@jest/globals'
import { judgeSchemas } from '../../scripts/judge-schemas.ts'
import { judgeFile } from '../../src/replay/judge-file.js'
import { readJudgedFile } from '../../src/replay/read-file.js'

interface Validator {
  (document: unknown): boolean
  readonly errors?: readonly unknown[] | null
}

/** A validator that is not ours, as editors have one. */
const Ajv = createRequire(import.meta.url)('ajv') as new (options: object) => {
  compile(schema: unknown): Validator
}
const [input, report] = judgeSchemas().map(([, text]) =>
  new Ajv({ schemaId: 'auto', logger: false }).compile(JSON.parse(text)),
)

const text = readFileSync('docs/judge-example.json', 'utf8')
const example = (): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>

function told(schema: Validator | undefined, document: unknown): unknown {
  return schema?.(document) === true ? 'accepted' : schema?.errors
}

describe('the JSON Schemas of what the judge reads', () => {
  it.each(judgeSchemas())('%s is the one that the command checks by', (path, content) => {
    expect(readFileSync(path, 'utf8')).toBe(content)
  })

  it('accept the example, and a report of it', () => {
    expect(told(input, example())).toBe('accepted')
    const judgement = JSON.parse(JSON.stringify(judgeFile(readJudgedFile(text, 'example')))) as unknown
    expect(told(report, { ...example(), judgement })).toBe('accepted')
    expect(told(report, example())).not.toBe('accepted')
  })

  it.each([
    ['an unknown key', { extra: 1 }],
    ['blocks that are no list', { blocks: {} }],
    [
      'a sample of an unknown kind',
      { blocks: [{ fromMs: 1, toMs: 2, weight: 5, metrics: { errors: { stable: { kind: 'ratio' } } } }] },
    ],
    [
      'half a request',
      {
        blocks: [
          {
            fromMs: 1,
            toMs: 2,
            weight: 5,
            metrics: { errors: { stable: { kind: 'share', requests: 1.5, bad: 0 } } },
          },
        ],
      },
    ],
  ])('refuse %s, as the command does', (_, change) => {
    const document = { ...example(), ...change }
    expect(told(input, document)).not.toBe('accepted')
    expect(() => readJudgedFile(JSON.stringify(document), 'changed')).toThrow()
  })
})
