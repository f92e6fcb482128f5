import { describe, expect, it } from '@jest/globals'
import { nearest } from '../../src/rollout/nearest.js'

describe('the word that was meant', () => {
  it.each([
    ['hodl', 'hold'],
    ['wieght', 'weight'],
    ['Weight', 'weight'],
    ['databse-url', 'database-url'],
  ])('%s is near %s', (given, meant) => {
    expect(nearest(given, ['weight', 'hold', 'analyze', 'database-url'])).toBe(meant)
  })

  it('a word like none of them is near none', () => {
    expect(nearest('zebra', ['weight', 'hold'])).toBeUndefined()
    expect(nearest('', ['weight'])).toBeUndefined()
    expect(nearest('x'.repeat(10_000), ['weight'])).toBeUndefined()
  })
})
