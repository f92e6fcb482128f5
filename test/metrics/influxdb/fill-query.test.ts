import { describe, expect, it } from '@jest/globals'
import { fillFlux } from '../../../src/metrics/influxdb/fill-flux.js'
import { fillInfluxql } from '../../../src/metrics/influxdb/fill-influxql.js'

describe('placeholders in Flux', () => {
  it.each([
    ['r.s == "{{v}}"', 'a"b\\${c}', 'r.s == "a\\"b\\\\\\${c}"'],
    ['r.s == {{v}}', 'a"b', 'r.s == "a\\"b"'],
    ['r.s =~ /^{{v}}$/', 'a.b/c', 'r.s =~ /^a\\.b\\/c$/'],
    ['r.s !~ /x/ and r.t == {{v}}', 'a', 'r.s !~ /x/ and r.t == "a"'],
    ['a / 2 // "{{v}}\nr.s == {{v}}', 'a', 'a / 2 // "\nr.s == "a"'],
  ])('are written as a text or a regular expression: %s with %s', (flux, v, filled) => {
    expect(fillFlux(flux, { v })).toBe(filled)
  })

  it('are patterns in regular expressions alone, where the selector says so', () => {
    expect(fillFlux('r.pod =~ /^{{pods}}$/', { 'pods~': 'a/.*|b\\/c' })).toBe('r.pod =~ /^(?:a\\/.*|b\\/c)$/')
    expect(() => fillFlux('r.pod == "{{pods}}"', { 'pods~': '.*' })).toThrow(
      /does not stand in a regular expression/,
    )
  })
})

describe('placeholders in InfluxQL', () => {
  it.each([
    [`"slot" = '{{v}}'`, `a'b\\`, `"slot" = 'a\\'b\\\\'`],
    [`"slot" = {{v}}`, `a'b`, `"slot" = 'a\\'b'`],
    [`FROM "http_{{v}}"`, `a"b`, `FROM "http_a\\"b"`],
    [`"slot" =~ /^{{v}}$/`, 'a.b', `"slot" =~ /^a\\.b$/`],
    [`x -- it's {{v}}\n AND {{v}}`, 'a', `x -- it's \n AND 'a'`],
  ])('are written as a text, a name or a regular expression: %s with %s', (influxql, v, filled) => {
    expect(fillInfluxql(influxql, { v })).toBe(filled)
  })
})
