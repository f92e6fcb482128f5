import { describe, expect, it } from '@jest/globals'
import { fillGraphite } from '../../../src/metrics/graphite/fill-graphite.js'

describe('placeholders in a target of Graphite', () => {
  it.each([
    ['a.{{v}}.b', 'green-1', 'a.green-1.b'],
    ["seriesByTag('name=x', 'version={{v}}')", '1.2.3+a b', "seriesByTag('name=x', 'version=1.2.3+a b')"],
    [`seriesByTag("slot=~^{{v}}$")`, 'green', `seriesByTag("slot=~^green$")`],
  ])('are put in where they stay what they are: %s with %s', (target, v, filled) => {
    expect(fillGraphite(target, { v })).toBe(filled)
  })

  it.each([
    ["seriesByTag('version={{v}}')", "it's"],
    ["seriesByTag('version={{v}}')", 'a\\'],
    ["seriesByTag('version={{v}}')", 'a;b=c'],
    ["seriesByTag('version=~{{v}}')", '1.2'],
    ["seriesByTag('version={{v}}')", '~.*'],
    ["seriesByTag('version!={{v}}')", '~.*'],
    ["seriesByTag('version{{v}}')", '=~.*'],
    ["seriesByTag('{{v}}')", 'slot=~.*'],
    ["alias(a.{{v}}, 'x')", 'a.b'],
    ['{{v}}', ''],
  ])('are refused where they would become something else: %s with %s', (target, v) => {
    expect(() => fillGraphite(target, { v })).toThrow(/^the value of \{\{v\}\}, .* has /)
  })

  it('are never patterns', () => {
    expect(() => fillGraphite('a.{{pods}}', { 'pods~': 'a.*' })).toThrow(
      /is a pattern, which Graphite does not know/,
    )
  })
})
