import { describe, expect, it } from '@jest/globals'
import { fillPlaceholders } from '../../src/metrics/placeholders.js'
import { UserError } from '../../src/rollout/user-error.js'

const asIs = (value: string): string => value

describe('placeholders of a query', () => {
  it('are filled in wherever they stand, with spaces or without', () => {
    expect(fillPlaceholders('{{slot}} or {{ slot }}: {{pods}}', { slot: 'blue', pods: 'a|b' }, asIs)).toBe(
      'blue or blue: a|b',
    )
  })

  it('are escaped by the language that the query is written in, which sees what stands before', () => {
    const seen: unknown[] = []
    const filled = fillPlaceholders('x="{{slot}}",y={{pods}}', { slot: '"', pods: '$&' }, (value, spot) => {
      seen.push(spot)
      return `<${value}>`
    })
    expect(filled).toBe('x="<">",y=<$&>')
    expect(seen).toEqual([
      { name: 'slot', before: 'x="' },
      { name: 'pods', before: 'x="{{slot}}",y=' },
    ])
  })

  it('are not looked for in values', () => {
    expect(fillPlaceholders('{{a}}{{b}}', { a: '{{b}}', b: '{{a}}' }, asIs)).toBe('{{b}}{{a}}')
  })

  it.each(['{{slto}}', '{{}}', '{{constructor}}', '{{slot.name}}'])(
    'that nobody knows are refused: %s',
    (text) => {
      const fill = (): string => fillPlaceholders(`up{${text}}`, { slot: 'blue', pods: 'p' }, asIs)
      expect(fill).toThrow(UserError)
      expect(fill).toThrow(`${text} in the query up{${text}} is unknown; known: {{slot}}, {{pods}}`)
    },
  )

  it('are told with the query as it can be pasted, without backslashes', () => {
    const query = 'up{job="shop",slot="{{slto}}"}'
    expect(() => fillPlaceholders(query, { slot: 'blue' }, asIs)).toThrow(`in the query ${query} is unknown`)
  })

  it('are refused too where nothing tells the slots apart', () => {
    expect(() => fillPlaceholders('{{slot}}', {}, asIs)).toThrow('is unknown; known: none')
  })
})
