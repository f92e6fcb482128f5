import { describe, expect, it } from '@jest/globals'
import { resultsInWords } from '../../src/smoke/results-in-words.js'
import type { SmokeResults } from '../../src/smoke/run-smoke-checks.js'

/** A check for each letter: `+` passed, `-` did not. */
function results(letters: string): SmokeResults {
  const all = [...letters].map((letter, index) => ({
    name: `check ${index + 1}`,
    passed: letter === '+',
    ms: 1,
    sentence: letter === '+' ? 'status 200 in 1 ms' : 'status 500 instead of 200',
  }))
  return { all, passed: all.filter(({ passed }) => passed), failed: all.filter(({ passed }) => !passed) }
}

describe('smoke checks in one sentence', () => {
  it.each([
    ['+', '1 smoke check of v2 passed'],
    ['+++', '3 smoke checks of v2 passed'],
    ['-', '1 smoke check of v2 failed: check 1: status 500 instead of 200'],
    ['+-', '1 of 2 smoke checks of v2 failed: check 2: status 500 instead of 200'],
    [
      '--',
      'all 2 smoke checks of v2 failed: check 1: status 500 instead of 200; check 2: status 500 instead of 200',
    ],
  ])('%s', (letters, sentence) => {
    expect(resultsInWords(results(letters), 'v2')).toBe(sentence)
  })
})
