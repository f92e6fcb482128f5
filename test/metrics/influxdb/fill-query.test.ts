import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fillAddress } from '../../../src/metrics/web/fill-address.js'
import { fillFlux } from '../../../src/metrics/influxdb/fill-flux.js'
import { fillInfluxql } from '../../../src/metrics/influxdb/fill-influxql.js'
import { parseFlux } from '../doubles/flux.js'

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

  it('select the value alone, whatever it is', () => {
    const signs = fc.constantFrom('"', '\\', '${', '}', '$', '{{v}}', ' or ', '//', '|>', 'x')
    const value = fc
      .oneof(
        fc.array(signs).map((some) => some.join('')),
        fc.string(),
      )
      .filter((text) => !/[\0-\x1f\x7f)]/.test(text))
    const start = 'timeRangeStart: 2026-01-06T11:00:00.000Z, timeRangeStop: 2026-01-06T11:01:00.000Z'
    fc.assert(
      fc.property(value, value, fc.constantFrom('"{{v}}"', '{{v}}'), (v, other, written) => {
        const flux = `from(bucket: "b") |> range(start: v.timeRangeStart, stop: v.timeRangeStop) |> filter(fn: (r) => r._measurement == "http" and r._field == "requests" and r.slot == ${written}) |> sum()`
        const script = parseFlux(`option v = {${start}, windowPeriod: 10000ms}\n${fillFlux(flux, { v })}`)
        const requests = [v, other, 'x'].map((slot) => ({ slot, atMs: 0, bad: false, ms: 1 }))
        const counted = script
          .run(requests)
          .flat()
          .reduce((sum, { _value }) => sum + Number(_value), 0)
        expect(counted).toBe(requests.filter(({ slot }) => slot === v).length)
      }),
    )
  })

  it('are patterns in regular expressions alone, where the selector says so', () => {
    expect(fillFlux('r.pod =~ /^{{pods}}$/', { 'pods~': 'a/.*|b\\/c' })).toBe('r.pod =~ /^(?:a\\/.*|b\\/c)$/')
    expect(() => fillFlux('r.pod == "{{pods}}"', { 'pods~': '.*' })).toThrow(
      /does not stand in a regular expression/,
    )
  })
})

describe('placeholders that no query can hold', () => {
  it('are those that would begin an expression of Flux', () => {
    expect(() => fillFlux('r.s == "${{v}}"', { v: '{x}' })).toThrow(/would begin an expression/)
    expect(fillFlux('r.s == "${{v}}"', { v: 'x' })).toBe('r.s == "$x"')
  })

  it('are halves of signs', () => {
    expect(() => fillFlux('r.s == "{{v}}"', { v: 'a\ud800' })).toThrow(/half of a sign/)
    expect(() => fillAddress('/x?slot={{v}}', { v: 'a\ud800' })).toThrow(/half of a sign/)
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
