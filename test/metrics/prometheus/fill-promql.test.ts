import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fillPromql } from '../../../src/metrics/prometheus/fill-promql.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { parse } from './promql-double.js'

describe('placeholders in PromQL', () => {
  it.each([
    ['x{slot="{{slot}}"}', 'a"b\\c\nd', 'x{slot="a\\"b\\\\c\\nd"}'],
    ["x{slot='{{slot}}'}", `it's "b"`, `x{slot='it\\'s "b"'}`],
    ['x{slot=`{{slot}}`}', 'a"\\', 'x{slot=`a"\\`}'],
    ['x{slot=~"{{slot}}"}', 'v1.2+x', 'x{slot=~"v1\\\\.2\\\\+x"}'],
    ['x{slot!~`{{slot}}-.*`}', 'v1.2', 'x{slot!~`v1\\.2-.*`}'],
    ['x{a="=~",slot="{{slot}}"}', 'v1.2', 'x{a="=~",slot="v1.2"}'],
    ['x{a="\\"",slot=~ "{{ slot }}"}', '.', 'x{a="\\"",slot=~ "\\\\."}'],
    ['# {{slot}}\nx{slot="{{slot}}"}', 'b', '# \nx{slot="b"}'],
  ])('are escaped for where they stand: %s', (query, slot, filled) => {
    expect(fillPromql(query, { slot })).toBe(filled)
  })

  it('are patterns where the key says so, and only behind =~', () => {
    const values = { 'pods~': 'shop-blue-[a-z0-9]+|b"' }
    expect(fillPromql('x{pod=~"{{pods}}"}', values)).toBe('x{pod=~"(?:shop-blue-[a-z0-9]+|b\\")"}')
    expect(() => fillPromql('x{pod="{{pods}}"}', values)).toThrow(/is a pattern and does not stand behind =~/)
  })

  it('are refused outside of quotes, where they could say anything', () => {
    const fill = (): string => fillPromql('x{slot={{slot}}}', { slot: '"b"} or vector(1' })
    expect(fill).toThrow(UserError)
    expect(fill).toThrow('{{slot}} stands outside of quotes')
    expect(() => fillPromql('x{job="shop",slot={{slot}}}', { slot: 'b' })).toThrow(
      '{{slot}} stands outside of quotes in x{job="shop",slot={{slot}}}',
    )
    expect(() => fillPromql('{{slot}}_total', { slot: 'b' })).toThrow('stands outside of quotes')
  })

  it('are refused in backticks that they would end', () => {
    expect(() => fillPromql('x{slot=`{{slot}}`}', { slot: '`' })).toThrow(/has a backtick in it/)
  })

  it('may be a range, outside of quotes', () => {
    expect(fillPromql('rate(x{s="{{s}}"}[{{range}}])', { s: 'b' }, { range: '30s' })).toBe(
      'rate(x{s="b"}[30s])',
    )
  })

  it('that are unknown are refused, with those that are known', () => {
    expect(() => fillPromql('x{p="{{pod}}"}', { 'pods~': 'a', slot: 'b' })).toThrow(
      /known: \{\{pods\}\}, \{\{slot\}\}/,
    )
  })

  it.each(['"', "'"])('match the value and nothing else, whatever is in it (in %s)', (quote) => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii' }),
        fc.string({ unit: 'grapheme-ascii' }),
        (value, other) => {
          for (const operator of ['=', '=~']) {
            const query = fillPromql(`x{a${operator}${quote}{{v}}${quote}}[1s]`, { v: value })
            const parsed = parse(query)
            if (parsed.kind === 'time') throw new Error('no selector')
            expect(parsed.selector.matches({ __name__: 'x', a: value })).toBe(true)
            expect(parsed.selector.matches({ __name__: 'x', a: other })).toBe(value === other)
          }
        },
      ),
    )
  })
})
