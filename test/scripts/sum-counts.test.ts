import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

describe('the closing line of .ci/run', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tuesday-counts-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const sum = (outputs: string[], failedParts: number) => {
    outputs.forEach((output, index) => writeFileSync(join(folder, String(index)), output))
    const { status, stdout } = spawnSync(
      process.execPath,
      ['scripts/sum-counts.mjs', folder, String(failedParts)],
      { encoding: 'utf8' },
    )
    return { status, last: stdout.trim().split('\n').at(-1) }
  }

  it('adds up what the parts say', () => {
    const outputs = [
      'noise\n12 passed, 0 failed, 0 skipped\n',
      'checks: fine\n',
      '30 passed, 0 failed, 0 skipped\nmore',
    ]
    expect(sum(outputs, 0)).toEqual({ status: 0, last: '42 passed, 0 failed, 0 skipped' })
  })

  it('counts a part that failed without a failed test', () => {
    expect(sum(['5 passed, 0 failed, 0 skipped\n', 'bar missed\n'], 1)).toEqual({
      status: 1,
      last: '5 passed, 1 failed, 0 skipped',
    })
  })

  it('does not count failed tests twice', () => {
    expect(sum(['5 passed, 2 failed, 0 skipped\n'], 1)).toEqual({
      status: 1,
      last: '5 passed, 2 failed, 0 skipped',
    })
  })

  it('fails when a test was skipped, and when none ran', () => {
    expect(sum(['5 passed, 0 failed, 1 skipped\n'], 0).status).toBe(1)
    expect(sum(['nothing\n'], 0).status).toBe(1)
  })
})
