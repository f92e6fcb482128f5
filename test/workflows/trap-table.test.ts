import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const ROOT = resolve(import.meta.dirname, '..', '..')
const table = readFileSync(join(ROOT, 'docs', 'traps.md'), 'utf8')
const rows = [...table.matchAll(/^\| (\d+[ab]?) \|.*\| (.*?) ?\|$/gm)].map(([, trap = '', shown = '']) => ({
  trap,
  shown,
}))
const named = rows.flatMap(({ trap, shown }) =>
  [...shown.matchAll(/`(test\/[^`]+)`: “([^”]+)”/g)].map(([, file = '', words = '']) => ({
    trap,
    file,
    words,
  })),
)
/** Those that a test must show, for code can show them (43 is about how this repository is released). */
const MUST_BE_SHOWN = [25, 34, 35, 36, 37, 38, 39, 40, 41, 42, 44, 45, 46, 47].map(String)

describe('the table of traps', () => {
  it('has each of them once', () => {
    const numbers = Array.from({ length: 50 }, (_, index) => String(index + 1))
    expect(rows.map(({ trap }) => trap).filter((trap) => !/[ab]/.test(trap))).toEqual(numbers)
  })

  it.each(named)('trap $trap: $file has the test “$words”', ({ file, words }) => {
    expect(readFileSync(join(ROOT, file), 'utf8').replaceAll(/'\s*\+\s*'/g, '')).toContain(words)
  })

  it.each(MUST_BE_SHOWN)('trap %s is shown by a test', (trap) => {
    expect(named.some((one) => one.trap === trap)).toBe(true)
  })
})
