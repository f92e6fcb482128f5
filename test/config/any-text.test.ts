import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { keyRows } from '../../src/config/emit/key-table.js'
import { nearest } from '../../src/rollout/nearest.js'
import { UserError } from '../../src/rollout/user-error.js'
import { LEAST, load } from './given.js'

/** Loads a text and says how it ended; only a user's mistake may end it otherwise than well. */
async function outcome(text: string): Promise<'loaded' | readonly string[]> {
  try {
    await load(text)
    return 'loaded'
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    const lines = (error as UserError).message.split('\n')
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(line).toMatch(/^\.github\/rollout\.yml:\d+:\d+: \S/)
    return lines
  }
}

const words = [...new Set(keyRows().flatMap(({ key }) => key.replaceAll('[]', '').split('.')))]
const key = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 }))
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    '5m',
    '30s',
    '5%',
    100,
    5,
    0,
    'canary',
    'errors',
    'local',
    true,
    null,
    '/health',
    '${A}',
    'http://h/',
    -1,
    0.5,
  ),
  fc.string({ maxLength: 12 }),
  fc.double(),
)
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
  ),
}))

describe('whatever a file holds, it is loaded or told with its place', () => {
  it('any text', async () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          'service: shop',
          '\n',
          '  ',
          '- ',
          '{',
          '}',
          '[',
          ']',
          ': ',
          '"',
          "'",
          '#',
          '&a',
          '*a',
          '|',
          '>',
          '!t',
          '\t',
          'plan',
          '5m',
          '---',
          '?',
          '\u0000',
          '\uFEFF',
          'ü',
        ),
      )
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.string({ unit: 'binary' }), yamlish),
        async (text) => void (await outcome(text)),
      ),
      { numRuns: 400 },
    )
  })

  it('any tree of known and unknown keys', async () => {
    const file = fc.dictionary(key, tree, { maxKeys: 6 })
    await fc.assert(
      fc.asyncProperty(file, async (document) => {
        const text = stringify({ service: 'shop', platform: { local: { command: 'x' } }, ...document })
        const first = await outcome(text)
        expect(await outcome(text)).toEqual(first)
      }),
      { numRuns: 400 },
    )
  })

  it('the same file as JSON and as YAML', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, tree, { maxKeys: 4 }), async (more) => {
        const document = JSON.parse(
          JSON.stringify({ service: 'shop', platform: { local: { command: 'x' } }, ...more }),
        ) as unknown
        const keysOf = (lines: string | readonly string[]) =>
          typeof lines === 'string' ? lines : lines.map((line) => line.replace(/:\d+:\d+:/, '')).sort()
        expect(keysOf(await outcome(JSON.stringify(document)))).toEqual(
          keysOf(await outcome(stringify(document))),
        )
      }),
      { numRuns: 200 },
    )
  })
})

describe('a typing error of a known key', () => {
  const long = words.filter((word) => word.length >= 5)

  it('is told with the key that was meant', async () => {
    const top = keyRows()
      .map((row) => row.key)
      .filter((name) => /^[a-z-]{5,}$/.test(name))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...top), fc.nat(), async (word, at) => {
        const i = at % (word.length - 1)
        const swapped = word.slice(0, i) + (word[i + 1] ?? '') + (word[i] ?? '') + word.slice(i + 2)
        fc.pre(!top.includes(swapped))
        const lines = await outcome(`${LEAST}${JSON.stringify(swapped)}: x\n`)
        expect(lines).toHaveLength(1)
        expect(lines[0]).toContain(`did you mean ${nearest(swapped, top)}?`)
      }),
    )
    expect(long.length).toBeGreaterThan(20)
  })
})
