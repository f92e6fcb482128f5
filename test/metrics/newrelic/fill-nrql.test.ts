import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fillNrql } from '../../../src/metrics/newrelic/fill-nrql.js'
import { parseNrql } from '../doubles/nrql.js'

describe('placeholders in NRQL', () => {
  it.each([
    ["x = '{{v}}'", `a'b\\`, `x = 'a\\'b\\\\'`],
    ['x = {{v}}', `a'b\\`, `x = 'a\\'b\\\\'`],
    ["a = 'it\\'s' AND x = {{v}}", 'v', "a = 'it\\'s' AND x = 'v'"],
    ["x = 1 -- it's a {{v}}\n AND y = {{v}}", 'v', "x = 1 -- it's a \n AND y = 'v'"],
    ["x = 1 /* it's */ AND y = {{v}}", 'v', "x = 1 /* it's */ AND y = 'v'"],
    ["x RLIKE r'{{v}}-.*'", 'a.b', "x RLIKE r'a\\.b-.*'"],
    ["x RLIKE '{{v}}-.*'", 'a.b', "x RLIKE 'a\\\\.b-.*'"],
  ])('are written as a text: %s with %s', (nrql, v, filled) => {
    expect(fillNrql(nrql, { v })).toBe(filled)
  })

  it('are patterns behind RLIKE alone, where the selector says so', () => {
    expect(fillNrql("pod RLIKE r'{{pods}}'", { 'pods~': 'shop-(a|b)' })).toBe("pod RLIKE r'(?:shop-(a|b))'")
    expect(() => fillNrql("pod = '{{pods}}'", { 'pods~': 'shop-.*' })).toThrow(
      /is a pattern and does not stand behind RLIKE/,
    )
    expect(() => fillNrql('pod = {{pods}}', { 'pods~': 'shop-.*' })).toThrow(
      /is a pattern and does not stand behind RLIKE/,
    )
  })

  it('are refused where a value cannot be written', () => {
    expect(() => fillNrql("x RLIKE r'{{v}}'", { v: "it's" })).toThrow(
      /has a quote in it, which r'…' cannot hold/,
    )
    expect(() => fillNrql("x = '{{v}}'", { v: 'two\nlines' })).toThrow(
      /has a line break or another control character/,
    )
  })

  it('select the value alone, whatever it is', () => {
    const signs = fc.constantFrom("'", '\\', '"', '{{v}}', ' OR ', ')', '--', '/*', 'x', '')
    const value = fc
      .oneof(
        fc.array(signs).map((some) => some.join('')),
        fc.string(),
      )
      .filter((text) => !/[\0-\x1f\x7f]/.test(text))
    fc.assert(
      fc.property(value, value, fc.constantFrom("'{{v}}'", '{{v}}'), (v, other, written) => {
        const nrql = `SELECT count(*) AS 'n' FROM T WHERE (slot = ${written}) SINCE 1 UNTIL 2`
        const { n } = parseNrql(fillNrql(nrql, { v })).row([{ slot: v }, { slot: other }, { slot: 'x' }])
        expect(n).toBe([v, other, 'x'].filter((slot) => slot === v).length)
      }),
    )
  })
})
