import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readFullYaml } from '../../../src/config/yaml/full-yaml.js'
import { readPlainYaml } from '../../../src/config/yaml/plain-yaml.js'

/** A file in which most of what people write occurs. */
const ORDINARY = `# what is deployed
service: shop
platform:
  local:
    command: [node, server.js, --quiet]   # without a shell
    port: 8080
    env: { LOG_LEVEL: info, "WORKERS": 4, TRACE: true, NAME: 'it is' }
    env-from:
    - DATABASE_URL
    - "API_URL"
strategy: canary
plan:
  - weight: 0
    smoke: [smoke/*.yml, { path: "/health?a=b", json: { $.status: ok } }]

  - { weight: 5%, hold: 5m }
  -
    weight: 33.3
    hold: 1m
  - weight: 100
confirm: { url: http://127.0.0.1:8080/, header: x-version }
migrations: { directory: db/migrations, database: "\${DATABASE_URL}" }
analysis: ~
environments:
  staging:
  "production": { plan: [] }
`

/** What the small reader says of a text is what the whole parser says, if it says anything. */
function agree(text: string): boolean {
  const plain = readPlainYaml(text)
  if (plain !== undefined)
    expect({ text, value: plain.value }).toEqual({ text, value: readFullYaml(text)?.value })
  return plain !== undefined
}

describe('the small YAML reader', () => {
  it('reads what people write, as the whole parser does', () => {
    expect(agree(ORDINARY)).toBe(true)
  })

  it('reads every rollout.yml of the repository', () => {
    const root = join(import.meta.dirname, '../../..')
    for (const file of globSync('{examples,demo,test,.github}/**/rollout*.yml', { cwd: root })) {
      if (!file.includes('node_modules'))
        expect([file, agree(readFileSync(join(root, file), 'utf8'))]).toEqual([file, true])
    }
  })

  it.each([
    ['text over lines', 'a: one\n  two\n'],
    ['a block of text', 'a: |\n  text\n'],
    ['brackets over lines', 'a: [b,\n  c]\n'],
    ['escapes', 'a: "\\n"\n'],
    ['aliases', 'a: &x 1\nb: *x\n'],
    ['tags', 'a: !!str 1\n'],
    ['documents', '---\na: 1\n'],
    ['Windows line ends', 'a: 1\r\nb: 2\r\n'],
    ['a key twice', 'a: 1\na: 2\n'],
    ['a prototype', '__proto__: 1\n'],
    ['octal and other numbers', 'a: 0o17\n'],
    ['uneven indentation', 'a:\n    b: 1\n  c: 2\n'],
    ['a colon in text', 'a: b: c\n'],
    ['JSON', '{"a":1}\n'],
    ['nothing', ''],
  ])('leaves %s to the whole parser', (_, text) => {
    expect(readPlainYaml(text)).toBeUndefined()
  })

  it('agrees with the whole parser on ordinary files after any small edit', () => {
    const edits = [
      ' ',
      '  ',
      '\n',
      '\n  ',
      ':',
      ': ',
      '-',
      '- ',
      '--',
      '#',
      ' #',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      ', ',
      'a',
      '1',
      '.',
      '&',
      '*',
      '!',
      '|',
      '>',
      '%',
      '?',
      '$',
      '~',
      '\\',
      '0',
      'e',
      'é',
      'null',
    ]
    const lines = ORDINARY.split('\n')
    const edit = fc.record({
      at: fc.nat(),
      put: fc.constantFrom('', ...edits),
      drop: fc.integer({ min: 0, max: 1 }),
    })
    const part = fc.record({ from: fc.nat(lines.length - 1), count: fc.integer({ min: 1, max: 8 }) })
    let read = 0
    fc.assert(
      fc.property(part, fc.array(edit, { maxLength: 2 }), ({ from, count }, list) => {
        const whole = lines.slice(from, from + count)
        const indent = /^ */.exec(whole[0] ?? '')?.[0].length ?? 0
        const text = list.reduce(
          (now, { at, put, drop }) =>
            now.slice(0, at % (now.length + 1)) + put + now.slice((at % (now.length + 1)) + drop),
          whole.map((line) => line.replace(new RegExp(`^ {${indent}}`), '')).join('\n'),
        )
        if (agree(text)) read += 1
      }),
      { numRuns: 3_000 },
    )
    expect(read).toBeGreaterThan(600)
  })

  it('agrees with the whole parser on whatever the whole parser writes', () => {
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(
        '5m',
        '5%',
        '/x',
        '${A}',
        'a b',
        'x: y',
        '# no',
        "it's",
        '',
        1,
        0.5,
        true,
        null,
      ),
      fc.string({ maxLength: 6 }),
      fc.double(),
      fc.integer(),
    )
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(
          fc.oneof(fc.constantFrom('a', 'b-c', '$.x'), fc.string({ maxLength: 4 })),
          tie('tree'),
          { maxKeys: 4 },
        ),
      ),
    }))
    const style = fc.record({
      indentSeq: fc.boolean(),
      singleQuote: fc.boolean(),
      collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
    })
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tree, { maxKeys: 3 }),
        style,
        (document, options) => {
          agree(stringify(document, { ...options, lineWidth: 0 }))
        },
      ),
      { numRuns: 1_500 },
    )
  })
})
