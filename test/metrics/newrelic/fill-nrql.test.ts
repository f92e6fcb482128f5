import { describe, expect, it } from '@jest/globals'
import { fillNrql } from '../../../src/metrics/newrelic/fill-nrql.js'

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
})
