import { describe, expect, it } from '@jest/globals'
import { logTail } from '../../src/rollout/log-tail.js'

describe('the end of a log', () => {
  it('says each line of a crash loop once, and how often it came', () => {
    expect(
      logTail(['starting', 'Error: no database', '', 'starting', 'Error: no database', 'gave up']),
    ).toEqual(['starting (2 times)', 'Error: no database (2 times)', 'gave up'])
  })

  it('is its last 30 lines that differ', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`)
    expect(logTail(lines)).toEqual(lines.slice(10))
  })
})
