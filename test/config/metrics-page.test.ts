import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { CLOUDWATCH_PRESETS } from '../../src/config/sources/cloudwatch-schema.js'
import { PROMETHEUS_PRESETS } from '../../src/config/sources/prometheus-schema.js'
import { KEYS_OF_SOURCE } from '../../src/config/sources/query-keys.js'
import { SOURCE_KINDS } from '../../src/config/sources/source-schema.js'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/metrics.md'), 'utf8')

/** The cells of the table below a heading, without the heads of its columns. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const named = (cell = ''): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

interface Keys {
  readonly needs: readonly string[]
  readonly may: readonly string[]
}

const sorted = ({ needs, may }: Keys): Keys => ({ needs: [...needs].sort(), may: [...may].sort() })

describe('the page about sources of metrics', () => {
  it('tells every source, and what it counts', () => {
    const counts = rowsBelow('Sources').map(([source, kinds = '']) => [
      named(source)[0],
      kinds.split(', ').sort(),
    ])
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(SOURCE_KINDS.map((kind) => [kind, Object.keys(KEYS_OF_SOURCE[kind]).sort()])),
    )
  })

  it('tells what each kind of metric asks of each source: what it needs, and in brackets what it may', () => {
    const rows = rowsBelow('What a metric asks')
    expect(rows.map(([source]) => named(source)[0])).toEqual(SOURCE_KINDS.filter((kind) => kind !== 'local'))
    for (const [source = '', ...cells] of rows) {
      const kind = SOURCE_KINDS.find((one) => one === named(source)[0]) ?? 'local'
      const told = (['share', 'latency', 'mean', 'scalar'] as const).map((metric, index) => {
        const [needs, may] = (cells[index] ?? '').split('(')
        return [metric, sorted({ needs: named(needs), may: named(may) })]
      })
      const known = Object.entries(KEYS_OF_SOURCE[kind]).map(([metric, keys]) => [metric, sorted(keys)])
      expect({ kind, ...Object.fromEntries(told) }).toEqual({ kind, ...Object.fromEntries(known) })
    }
  })

  it('tells every preset', () => {
    const told = rowsBelow('Presets').map(([preset, source]) => [named(preset)[0], named(source)[0]])
    expect(new Set(told.map(String))).toEqual(
      new Set([
        ...PROMETHEUS_PRESETS.map((preset) => `${preset},prometheus`),
        ...CLOUDWATCH_PRESETS.map((preset) => `${preset},cloudwatch`),
      ]),
    )
  })
})
