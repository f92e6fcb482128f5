import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

const EXAMPLE = 'docs/judge-example.json'

describe('the command judge', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tuesday-judge-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const judge = (words: readonly string[], input = '') => {
    const node = ['--disable-warning=ExperimentalWarning', '--import', './scripts/source-imports.mjs']
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...node, 'test/replay/judge-command.ts', ...words],
      { encoding: 'utf8', input },
    )
    return { status, stdout, stderr }
  }

  const written = (content: unknown): string => {
    const file = join(folder, 'report.json')
    writeFileSync(file, JSON.stringify(content))
    return file
  }

  it('prints what docs/judging.md shows of the example, as one line of JSON', () => {
    const { status, stdout, stderr } = judge([EXAMPLE])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const page = readFileSync('docs/judging.md', 'utf8')
    const { verdict, reason } = JSON.parse(stdout) as { verdict: string; reason: string }
    expect(verdict).toBe('fail')
    expect(page).toContain(`"verdict": "${verdict}"`)
    expect(page).toContain(`"reason": "${reason}"`)
  })

  it('reads standard input', () => {
    expect(judge(['-'], readFileSync(EXAMPLE, 'utf8'))).toEqual(judge([EXAMPLE]))
  })

  it('says of a report that the verdict is the same, or exits with 1', () => {
    const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as object
    const judgement = JSON.parse(judge([EXAMPLE]).stdout) as object
    const same = judge([written({ ...example, judgement })])
    expect(same).toMatchObject({ status: 0, stderr: 'judge: the same verdict as in the file: fail\n' })
    const other = judge([written({ ...example, judgement: { ...judgement, verdict: 'pass' } })])
    expect(other).toMatchObject({
      status: 1,
      stderr: 'judge: another verdict than in the file: fail, there it is pass\n',
    })
    expect(JSON.parse(other.stdout)).toMatchObject({
      verdict: 'fail',
      replay: { recorded: 'pass', same: false },
    })
  })

  it.each([
    ['a file that is not there', ['not-there.json'], 'judge: not-there.json cannot be read: '],
    ['no file', [], 'judge: given no file; allowed: one file'],
    ['two files', [EXAMPLE, EXAMPLE], `judge: given ${EXAMPLE} ${EXAMPLE}; allowed: one file`],
    ['an option', ['--replay'], 'judge: given --replay; allowed: one file'],
    ['a file that is no JSON', ['-'], 'judge: standard input: is no JSON: '],
  ])('exits with 2 for %s, and prints no verdict', (_, words, message) => {
    const { status, stdout, stderr } = judge(words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/docs\/judging\.md|Usage: /)
  })
})
