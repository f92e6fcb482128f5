import { describe, expect, it } from '@jest/globals'
import { formatDuration, parseDuration } from '../../src/rollout/duration.js'

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    [' 1h ', 3_600_000],
    ['250ms', 250],
    ['0s', 0],
    ['0', 0],
    ['720h', 2_592_000_000],
  ])('%j is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    '5',
    '',
    '-5s',
    '5 m',
    'm',
    '5x',
    '5s!',
    '721h',
    '1e3s',
    '999999999h',
    '1.5h',
    '1h30m',
    '５s',
    '5M',
  ])('%j is refused (trap 34)', (text) => {
    expect(() => parseDuration(text, 'hold')).toThrow(`hold: ${JSON.stringify(text)} is not a duration`)
  })

  it.each([
    [0, '0s'],
    [0.4, '0s'],
    [1_500, '1.5s'],
    [9_999, '10s'],
    [59_999, '1m'],
    [61_000, '1m1s'],
    [3_600_000, '1h'],
    [90_000_000, '1d1h'],
  ])('%i ms is written %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})
